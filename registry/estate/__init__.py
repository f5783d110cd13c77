"""The estate a monitor follows: rows of the registry put together once per revision."""

from registry.estate.loading import load_estate
from registry.estate.targets import KINDS_WITHOUT_SNAPSHOTS
from registry.estate.vantages import ensure_vantage

__all__ = ["KINDS_WITHOUT_SNAPSHOTS", "ensure_vantage", "load_estate"]
