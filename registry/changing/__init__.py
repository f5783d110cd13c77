"""Changes of the registry: planned, checked, carried out, logged, undone. It serves no request."""
