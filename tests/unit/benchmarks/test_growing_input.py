"""The benchmark of growing input runs through, and every shape of it comes to its end."""

from __future__ import annotations

import math

import pytest

from benchmarks.growing_input import SHAPES, measured


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.what)
def test_every_shape_can_be_measured(shape):
    what, _, *figures, exponent = measured(shape, 0.02, 1)

    assert what == shape.what
    assert all(float(figure) >= 0 for figure in figures)
    assert math.isfinite(float(exponent))
