"""Reads that join the nouns of this app."""

from pledges.queries.duties import duties
from pledges.queries.duty import Duty
from pledges.queries.opinions import answers as public_answers
from pledges.queries.opinions import figures as opinion_figures
from pledges.queries.opinions import views_by_item
from pledges.queries.opinions import with_code as opinion_with_code
from pledges.queries.pledge import (
    DUTIES,
    TODO,
    TURNS,
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

__all__ = [
    "DUTIES",
    "TODO",
    "TURNS",
    "Asked",
    "Duty",
    "Filters",
    "asked_for",
    "categories",
    "duties",
    "earlier",
    "earlier_versions",
    "history",
    "last_edit",
    "last_step",
    "next_hands",
    "opinion_figures",
    "opinion_with_code",
    "phases",
    "places_to_draft",
    "public_answers",
    "replaced_by",
    "tab_counts",
    "tabs",
    "views_by_item",
    "waiting_for",
]
