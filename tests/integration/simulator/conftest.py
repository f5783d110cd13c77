from __future__ import annotations

import pytest

from monitor.simulator.cache import load_library
from monitor.simulator.clips import SHORT, ClipLibrary


@pytest.fixture(scope="session")
def library() -> ClipLibrary:
    """Made once per machine: the cache is keyed by content."""
    return load_library(SHORT)
