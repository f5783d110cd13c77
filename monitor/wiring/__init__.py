"""How the parts of the service are put together, room by room; only here rooms meet."""
