"""Files in and out: parse -> plan -> apply, and export. One row is one feed of a camera.

The columns are explained in docs/import.md. No secret of a file reaches a plan, a problem or a log.
"""

from registry.changing.writing import Progress
from registry.transfer.applying import PlanOutdated, apply_plan
from registry.transfer.exporting import Format, export_inventory, write_export
from registry.transfer.importing import plan_import
from registry.transfer.mapping import NO_MAPPING, ColumnMapping
from registry.transfer.plan import Plan, render_plan
from registry.transfer.problems import Hint, ImportRefused, Problem

__all__ = [
    "NO_MAPPING",
    "ColumnMapping",
    "Format",
    "Hint",
    "ImportRefused",
    "Plan",
    "PlanOutdated",
    "Problem",
    "Progress",
    "apply_plan",
    "export_inventory",
    "plan_import",
    "render_plan",
    "write_export",
]
