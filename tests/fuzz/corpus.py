"""Inputs kept in the repository, and new ones made of them the same way every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
CORPORA = HERE / "corpora"  # minimised: one input for each thing a target can be made to do
FOUND = HERE / "found"  # every input that once broke a target, by a name that says how


def kept(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()]


def mutated(
    inputs: Sequence[bytes], tokens: Sequence[bytes], count: int, seed: int, longest: int
) -> Iterator[bytes]:
    """What a fuzzer without eyes would try; the same for the same seed on every machine."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(chance.choice(inputs))
        for _ in range(chance.randint(1, 4)):
            _mutate(data, chance, inputs, tokens)
        yield bytes(data[:longest])


def _mutate(
    data: bytearray, chance: random.Random, inputs: Sequence[bytes], tokens: Sequence[bytes]
) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randint(1, 16))
    match chance.randrange(6):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at:at] = chance.randbytes(chance.randint(1, 4))
        case 2:
            del data[at:end]
        case 3 if tokens:
            data[at:at] = chance.choice(tokens)
        case 4:
            data[at:at] = data[at:end] * chance.randint(1, 8)
        case _:
            other = chance.choice(inputs)
            data[at:] = other[chance.randrange(len(other) + 1) :]
