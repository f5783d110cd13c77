"""One file per way in, one signature: look(target, depth, deadline) -> Look."""
