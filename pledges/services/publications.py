"""How a frozen text becomes public: for the steps of this package alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from common.search import searchable, vector
from pledges.models import Matter, Pledge, Publication
from pledges.publishing import strings_of


def publish_texts(frozen: Sequence[tuple[Pledge, dict[str, Any]]], *, at: dt.datetime, by: Any) -> None:
    """公诺: one publication for each (pledge, its frozen text). One statement."""
    Publication.objects.bulk_create(_publication(pledge, text, at, by) for pledge, text in frozen)


def replace(
    old: Publication, pledge: Pledge, text: dict[str, Any], *, at: dt.datetime, by: Any, reason: str
) -> Publication:
    """变更: ``text`` stands in the place of ``old``, which stays readable as the version before."""
    Publication.objects.filter(pk=old.pk).update(replaced_at=at)
    new = _publication(pledge, text, at, by)
    new.scope, new.version, new.change_reason = old.scope, old.version + 1, reason
    new.save()
    return new


def _publication(pledge: Pledge, text: dict[str, Any], at: dt.datetime, by: Any) -> Publication:
    body = searchable(
        [text["title"], pledge.organization.name, text["category"], text["aim"], *strings_of(text["items"])]
    )
    return Publication(
        matter=Matter.MEMBER if pledge.member_id else Matter.ORGANIZATION,
        pledge=pledge,
        member=pledge.member,
        organization=pledge.organization,
        organization_name=pledge.organization.name,
        phase=pledge.phase,
        category=pledge.category,
        scope=pledge.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=at,
        published_by=by,
    )
