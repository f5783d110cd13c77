"""Every fuzz target over its corpus, what once broke it, and some thousands of new inputs."""

from __future__ import annotations

import pytest

from tests.fuzz.corpus import CORPORA, FOUND, kept, mutated
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

_NEW_ONES = 250
_SEED = 20_261_122


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_and_what_grows_from_it_break_nothing(name):
    target = TARGETS[name]
    inputs = [*kept(CORPORA / name), *seeds(name), b""]

    for data in (*inputs, *mutated(inputs, target.tokens, _NEW_ONES, _SEED, target.longest)):
        target.run(data)


@pytest.mark.parametrize(
    ("name", "found"),
    [(path.parent.name, path) for path in sorted(FOUND.glob("*/*"))],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_once_broke_a_target_breaks_it_no_more(name, found):
    TARGETS[name].run(found.read_bytes())


def test_every_corpus_belongs_to_a_target():
    folders = {path.name for kept_in in (CORPORA, FOUND) for path in kept_in.glob("*")}

    assert folders <= set(TARGETS)
