"""What others made and we carry is what they published: docs/third-party.md names each hash."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.conftest import PROJECT_ROOT

OURS = {"index.html", "start.js"}
REFERENCE = PROJECT_ROOT / "registry" / "web" / "reference"


def test_each_vendored_file_is_unchanged_and_named():
    page = (PROJECT_ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", page))
    carried = {file.name: sha256_of(file) for file in REFERENCE.iterdir()}

    assert {name: carried[name] for name in carried.keys() - OURS} == named


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
