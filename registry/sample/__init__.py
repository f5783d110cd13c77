"""A sample inventory of an invented region, and the small estate of the demo. Nothing is real."""

from __future__ import annotations

from registry.sample.care import plant, plant_demo
from registry.sample.demo import DemoFeed, demo_estate, demo_feeds
from registry.sample.fleet import sample_rows
from registry.sample.layout import sheet

__all__ = [
    "DemoFeed",
    "demo_estate",
    "demo_feeds",
    "plant",
    "plant_demo",
    "sample_csv",
    "sample_rows",
]


def sample_csv() -> str:
    """The sample as a file to import: over 2,000 cameras, the same text every time."""
    return sheet(sample_rows())
