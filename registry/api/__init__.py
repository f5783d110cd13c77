"""REST: what exists and what is known of it. It reads; it never probes and decides no state."""

from registry.api.setup import setup_api

__all__ = ["setup_api"]
