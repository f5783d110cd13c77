from __future__ import annotations

from tests.integration.registry.conftest import clock, database, sealer  # noqa: F401 - fixtures
