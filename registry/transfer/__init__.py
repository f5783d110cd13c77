"""Files in and out: parse -> plan -> apply, and export. One CSV row is one feed of a camera.

The columns are explained in docs/import.md. No secret of a file reaches a plan, a problem or a log.
"""

from registry.changing.writing import Progress
from registry.transfer.applying import PlanOutdated, apply_plan
from registry.transfer.exporting import export_csv
from registry.transfer.importing import plan_import
from registry.transfer.plan import Plan, render_plan
from registry.transfer.problems import ImportRefused, Problem

__all__ = [
    "ImportRefused",
    "Plan",
    "PlanOutdated",
    "Problem",
    "Progress",
    "apply_plan",
    "export_csv",
    "plan_import",
    "render_plan",
]
