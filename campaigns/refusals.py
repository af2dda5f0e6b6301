"""Why a rule cannot be changed so. Both are for the page on which it was asked for."""

from __future__ import annotations


class RuleRefused(Exception):
    """It cannot be changed so. ``str`` is a sentence for the person, ``field`` the field of the form it is about."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class RuleChanged(Exception):
    """Somebody else changed it since the form was opened."""
