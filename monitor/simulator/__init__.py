"""An RTSP fleet with faults for the demo, tests and benchmarks.

Production code must never import it.
"""
