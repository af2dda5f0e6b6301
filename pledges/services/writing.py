"""How the text of a pledge gets into its rows: for the verbs of this package alone."""

from __future__ import annotations

from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from common.search import searchable, vector
from common.states import Flow, StepRefused
from pledges import texts
from pledges.flow import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.models import Pledge, PledgeItem
from pledges.publishing import strings_of
from pledges.services.open_rounds import hold
from pledges.texts import Text

EDIT = "pledges.edit_pledge"
EDIT_MEMBER = "pledges.edit_member_pledge"


def edit_permission(pledge: Pledge) -> str:
    return EDIT if pledge.member_id is None else EDIT_MEMBER


def locked(pledge: Pledge) -> Pledge:
    hold()
    rows = Pledge.objects.select_for_update(of=("self",)).with_what_guards_ask()
    return rows.select_related("category").get(pk=pledge.pk)


def current_as_read(pledge: Pledge, version: int | None) -> Pledge:
    """Lock the row; refuse a decision on a text that has changed since it was read."""
    current = locked(pledge)
    if version is not None and version != current.version:
        raise StepRefused("您打开之后，承诺的内容改过了，请看过新的内容再办理。")
    return current


def by_flow(rows: QuerySet[Pledge]) -> list[tuple[Flow, QuerySet[Pledge]]]:
    """The pledges by the table they follow, loaded with what its guards look at. No round is closed meanwhile."""
    hold()
    rows = rows.with_what_guards_ask()  # type: ignore[attr-defined]
    return [
        (ORGANIZATION_FLOW, rows.filter(member=None)),
        (MEMBER_FLOW, rows.filter(member__isnull=False, is_leading=False)),
        (LEADER_FLOW, rows.filter(member__isnull=False, is_leading=True)),
    ]


def write(pledge: Pledge, text: Text) -> None:
    pledge.title, pledge.category_id, pledge.directions = text["title"], text["category"], text["directions"]
    pledge.aim = text["aim"]
    pledge.changed_at = timezone.now()
    _write_items(pledge, text["items"])
    make_searchable(pledge, text)
    pledge.save()
    pledge.refresh_from_db(fields=["tokens", "category"])


def make_searchable(pledge: Pledge, text: Text) -> None:
    name = pledge.member.name if pledge.member else ""
    pledge.body = searchable(
        [pledge.title, name, pledge.organization.name, pledge.aim, *strings_of(text["items"])]
    )
    pledge.tokens = vector(pledge.body)


def _write_items(pledge: Pledge, items: list[dict[str, str]]) -> None:
    keys = [item["key"] for item in items]
    try:
        pledge.items.exclude(key__in=keys).delete()
    except ProtectedError:
        raise StepRefused("要去掉的事项已有践诺记录，不能去掉；可以改写这一项。") from None
    kept = {item.key: item for item in pledge.items.all()}
    for number, item in enumerate(items, 1):
        row = kept.get(item["key"]) or PledgeItem(pledge=pledge, key=item["key"])
        row.number = number
        for name in texts.ITEM_FIELDS:
            setattr(row, name, item[name])
        row.due_on = item["due_on"] or None
        row.save()
