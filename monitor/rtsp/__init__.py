"""RTSP 1.0 as seen by a prober, without I/O.

Imports nothing of the project but itself; never waits, never reads a clock.
"""
