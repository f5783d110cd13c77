"""The version of this program. It knows nothing else."""

from importlib.metadata import version

VERSION = version("camreach")
