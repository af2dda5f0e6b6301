"""The verbs of a pledge. Every write to a pledge or a publication happens in this package."""

from pledges.services.buffers import buffer, settle
from pledges.services.drafting import Conflict, base_of, copy, create_draft, discard, resolve, save
from pledges.services.organization_changes import hand_over, renew_search
from pledges.services.steps import (
    VERBS,
    Incomplete,
    approve,
    decline,
    propose,
    publish,
    recall,
    return_,
    submit,
    withdraw,
)
from pledges.services.writing import EDIT

__all__ = [
    "EDIT",
    "VERBS",
    "Conflict",
    "Incomplete",
    "approve",
    "base_of",
    "buffer",
    "copy",
    "create_draft",
    "decline",
    "discard",
    "hand_over",
    "propose",
    "publish",
    "recall",
    "renew_search",
    "resolve",
    "return_",
    "save",
    "settle",
    "submit",
    "withdraw",
]
