"""Reads that join the nouns of this app."""

from pledges.queries.changes import (
    Version,
    changes_of,
    changes_waiting_for,
    deciders,
    versions_after,
    versions_before,
    why_not_asked,
)
from pledges.queries.fulfilment import figures
from pledges.queries.hints import Hint, attach_hints, hints_for, hints_while_writing, with_hints
from pledges.queries.opinions import answers as public_answers
from pledges.queries.opinions import figures as opinion_figures
from pledges.queries.opinions import views_by_item
from pledges.queries.opinions import with_code as opinion_with_code
from pledges.queries.pledge import (
    DUTIES,
    TODO,
    Asked,
    Filters,
    asked_for,
    categories,
    earlier,
    earlier_versions,
    history,
    last_edit,
    last_step,
    next_hands,
    phases,
    places_to_draft,
    replaced_by,
    tab_counts,
    tabs,
    waiting_for,
)
from pledges.queries.publication import (
    BATCH_PERMISSIONS,
    BATCH_STEPS,
    batch_rows,
    batch_seen,
    batches,
    waiting_batch,
)
from pledges.queries.returns import why_returned
from pledges.queries.vetting import (
    VETTING,
    as_read,
    items_to_vet,
    pledges_to_vet,
    vetting_page,
    within_vetting_reach,
)
from pledges.queries.waiting import DUE_ABOVE, ON_THE_WAY

__all__ = [
    "BATCH_PERMISSIONS",
    "BATCH_STEPS",
    "DUE_ABOVE",
    "DUTIES",
    "ON_THE_WAY",
    "TODO",
    "VETTING",
    "Asked",
    "Filters",
    "Hint",
    "Version",
    "as_read",
    "asked_for",
    "attach_hints",
    "batch_rows",
    "batch_seen",
    "batches",
    "categories",
    "changes_of",
    "changes_waiting_for",
    "deciders",
    "earlier",
    "earlier_versions",
    "figures",
    "hints_for",
    "hints_while_writing",
    "history",
    "items_to_vet",
    "last_edit",
    "last_step",
    "next_hands",
    "opinion_figures",
    "opinion_with_code",
    "phases",
    "places_to_draft",
    "pledges_to_vet",
    "public_answers",
    "replaced_by",
    "tab_counts",
    "tabs",
    "versions_after",
    "versions_before",
    "vetting_page",
    "views_by_item",
    "waiting_batch",
    "waiting_for",
    "why_not_asked",
    "why_returned",
    "with_hints",
    "within_vetting_reach",
]
