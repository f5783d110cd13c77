"""RTP video without I/O: packets in, counts, pictures and keyframes out.

Decodes nothing, waits never.
"""
