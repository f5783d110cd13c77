"""Fuzzing: the same functions under atheris by hand, as a smoke run in CI, and as regressions."""
