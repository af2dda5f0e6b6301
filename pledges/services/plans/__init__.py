"""The verbs of a plan (活动方案). Every write to a plan happens in this package."""

from pledges.services.plans.changes import hand_over
from pledges.services.plans.drafting import (
    EDIT,
    PlanConflict,
    adopt,
    adoptable,
    copy,
    create,
    discard,
    save,
    track,
)
from pledges.services.plans.sheets import apply_sheet, note_export
from pledges.services.plans.steps import (
    VERBS,
    approve,
    archive_all,
    bar,
    clear,
    decline,
    propose,
    publish,
    recall,
    reconsider,
    return_,
    submit,
    withdraw,
)

__all__ = [
    "EDIT",
    "VERBS",
    "PlanConflict",
    "adopt",
    "adoptable",
    "apply_sheet",
    "approve",
    "archive_all",
    "bar",
    "clear",
    "copy",
    "create",
    "decline",
    "discard",
    "hand_over",
    "note_export",
    "propose",
    "publish",
    "recall",
    "reconsider",
    "return_",
    "save",
    "submit",
    "track",
    "withdraw",
]
