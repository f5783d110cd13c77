"""The page on the wall and on the phone: rendered here, kept current by events. It never probes."""

from registry.web.setup import setup_web

__all__ = ["setup_web"]
