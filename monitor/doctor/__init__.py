"""`camreach doctor`: what would keep this machine from watching, each with its fix.

It changes nothing.
"""
