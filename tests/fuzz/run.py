"""One target under atheris, by hand, until no new coverage comes: `python -m tests.fuzz.run NAME`.

    python -m tests.fuzz.run sdp --minutes 30    fuzz; works in var/fuzz/sdp, says when news ceased
    python -m tests.fuzz.run sdp --merge         the least inputs of equal coverage, to corpora/sdp

Not for CI: there tests/fuzz/test_smoke.py runs the same functions without atheris.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.corpus import CORPORA, FOUND, HERE, kept
from tests.fuzz.minimal import least
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

_WORK = Path("var/fuzz")
_STATUS = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)/")


@dataclass(slots=True)
class Progress:
    """What libFuzzer says of itself, minute by minute."""

    began: float = field(default_factory=time.monotonic)
    executions: int = 0
    edges: int = 0
    features: int = 0
    corpus: int = 0
    last_edge_s: float = 0.0
    last_feature_s: float = 0.0
    minutes: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def read(self, line: str) -> None:
        said = _STATUS.search(line)
        if said is None:
            return
        now = time.monotonic() - self.began
        executions, edges, features, corpus = (int(said[n]) for n in (1, 3, 4, 5))
        if edges > self.edges:
            self.last_edge_s = now
        if features > self.features:
            self.last_feature_s = now
        self.executions, self.corpus = executions, corpus
        self.edges, self.features = max(edges, self.edges), max(features, self.features)
        self.minutes[int(now // 60)] = (self.executions, self.edges, self.features)

    def __str__(self) -> str:
        took = (time.monotonic() - self.began) / 60
        lines = [
            f"  minute {minute:3}: {executions:9} executions {edges:5} edges {features:6} features"
            for minute, (executions, edges, features) in sorted(self.minutes.items())
        ]
        lines.append(
            f"{took:.1f} minutes, {self.executions} executions, {self.edges} edges,"
            f" {self.features} features, {self.corpus} inputs; last new edge at minute"
            f" {self.last_edge_s / 60:.1f}, feature at {self.last_feature_s / 60:.1f}"
        )
        return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--merge", action="store_true")
    chosen = parser.parse_args()
    if chosen.merge:
        return _merge(chosen.name)
    return _campaign(chosen.name, chosen.minutes)


def _libfuzzer(name: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "inside.py"), *arguments],
        env={**os.environ, "CAMREACH_FUZZ_TARGET": name, "PYTHONPATH": str(HERE.parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _campaign(name: str, minutes: float) -> int:
    target, work = TARGETS[name], _WORK / name
    corpus, crashes = work / "corpus", work / "crashes"
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    _plant(name, corpus)
    limits = (f"-max_len={target.longest}", "-timeout=10", "-rss_limit_mb=1024")
    fuzzing = _libfuzzer(
        name,
        f"-max_total_time={int(60 * minutes)}",
        *(f"-artifact_prefix={crashes}/", "-print_final_stats=1", *limits),
        *_dictionary(target.tokens, work / "tokens.dict"),
        str(corpus),
    )
    progress = Progress()
    for line in _lines(fuzzing):
        progress.read(line)
        if not _STATUS.search(line):
            sys.stdout.write(line)
            sys.stdout.flush()
    print(progress)
    if not progress.executions:
        print(f"{name}: nothing ran")
        return fuzzing.wait() or 1
    found = [path.name for path in crashes.iterdir() if not path.name.startswith("slow-unit")]
    print(f"{name}: {len(found)} inputs that broke it, in {crashes}" if found else f"{name}: sound")
    return fuzzing.wait()


def _dictionary(tokens: tuple[bytes, ...], file: Path) -> tuple[str, ...]:
    """Words for libFuzzer to build with; a file without a word would be an error to it."""
    if not tokens:
        return ()
    file.write_text("".join(f"{_quoted(token)}\n" for token in tokens))
    return (f"-dict={file}",)


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    yield from process.stdout


def _plant(name: str, corpus: Path) -> None:
    """Seeds and what is kept go in by their hash: nothing twice."""
    for data in (*seeds(name), *kept(CORPORA / name), *kept(FOUND / name)):
        (corpus / _hash(data)).write_bytes(data)


def _hash(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _quoted(token: bytes) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token) + '"'


def _merge(name: str) -> int:
    corpus, merged, kept_in = _WORK / name / "corpus", _WORK / name / "merged", CORPORA / name
    for folder in (corpus, merged, kept_in):
        folder.mkdir(parents=True, exist_ok=True)
    _plant(name, corpus)
    merging = _libfuzzer(name, "-merge=1", str(merged), str(corpus))
    for line in _lines(merging):
        if "new coverage edges" in line:
            sys.stdout.write(line)
    inputs = least([*kept(merged), *seeds(name)], TARGETS[name].run)
    for path in kept_in.iterdir():
        path.unlink()
    for data in inputs:
        (kept_in / _hash(data)).write_bytes(data)
    print(f"{name}: {len(inputs)} inputs of {sum(map(len, inputs))} bytes in {kept_in}")
    return merging.wait()


if __name__ == "__main__":
    sys.exit(main())
