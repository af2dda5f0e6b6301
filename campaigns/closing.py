"""What the office looks at before a phase is closed (时段归档). Each app registers what of its own may be unfinished.

The campaign knows its assignments; what a plan or a pledge is, its app tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from campaigns.models import Phase


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check-list: how many of what are unfinished, none of it being good news."""

    label: str
    count: int
    unit: str
    note: str = ""  # what becomes of it, or where it is kept
    url: str = ""  # where to see to it
    blocks: bool = False  # the phase cannot be closed before this is done


Check = Callable[[Phase], list[Finding]]
_checks: list[Check] = []


def register(check: Check) -> Check:
    """From the ``ready`` of the app that knows; in the order of registration."""
    if check not in _checks:
        _checks.append(check)
    return check


def findings(phase: Phase) -> list[Finding]:
    """What all the apps have found."""
    return [finding for check in _checks for finding in check(phase)]
