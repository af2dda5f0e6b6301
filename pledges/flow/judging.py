"""Who judges whether an item was kept: oneself, the superior, a meeting with the masses (domain.md 1.1, 1.4)."""

from __future__ import annotations

from typing import Any

from pledges.flow.appraisal import MEET


def judging_permission(source: str, pledge: Any) -> str:
    """Whoever may file a pledge reports its results; whoever vets it judges them."""
    if source == "masses":
        return MEET
    permission: str = pledge.flow["submit" if source == "self" else "approve"].permission
    return permission


def judging_refusal(user: Any, source: str, pledge: Any) -> str | None:
    """Whoever may not vet a pledge may not judge it either: the same guards, the same sentence."""
    refusal: str | None = pledge.flow["approve"].refusal(user, pledge) if source == "superior" else None
    return refusal


def may_judge(user: Any, source: str, pledge: Any) -> bool:
    return user.has_perm(judging_permission(source, pledge), pledge) and not judging_refusal(
        user, source, pledge
    )
