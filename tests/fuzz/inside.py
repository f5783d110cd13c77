"""The process in which libFuzzer lives: it never returns, and starts itself anew to merge.

`tests.fuzz.run` starts it and names the target in the environment; it is of no use by hand.
"""

from __future__ import annotations

import os
import sys

import atheris

TARGET = "CAMREACH_FUZZ_TARGET"


def main() -> None:
    with atheris.instrument_imports(include=["monitor", "registry.transfer"]):
        from tests.fuzz.targets import TARGETS
    itself = f"{sys.executable} {__file__}"  # what libFuzzer gives to a shell when it merges
    atheris.Setup([itself, *sys.argv[1:]], TARGETS[os.environ[TARGET]].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
