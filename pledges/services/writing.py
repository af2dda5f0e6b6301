"""How the text of a pledge gets into its rows: for the verbs of this package alone."""

from __future__ import annotations

from django.utils import timezone

from common.search import searchable, vector
from pledges import texts
from pledges.models import Pledge, PledgeItem
from pledges.publishing import strings_of
from pledges.texts import Text

EDIT = "pledges.edit_pledge"


def locked(pledge: Pledge) -> Pledge:
    return (
        Pledge.objects.select_for_update(of=("self",))
        .select_related("organization", "phase", "category")
        .get(pk=pledge.pk)
    )


def write(pledge: Pledge, text: Text) -> None:
    pledge.title, pledge.category_id, pledge.directions = text["title"], text["category"], text["directions"]
    pledge.changed_at = timezone.now()
    _write_items(pledge, text["items"])
    make_searchable(pledge, text)
    pledge.save()
    pledge.refresh_from_db(fields=["tokens", "category"])


def make_searchable(pledge: Pledge, text: Text) -> None:
    pledge.body = searchable([pledge.title, pledge.organization.name, *strings_of(text["items"])])
    pledge.tokens = vector(pledge.body)


def _write_items(pledge: Pledge, items: list[dict[str, str]]) -> None:
    keys = [item["key"] for item in items]
    pledge.items.exclude(key__in=keys).delete()
    kept = {item.key: item for item in pledge.items.all()}
    for number, item in enumerate(items, 1):
        row = kept.get(item["key"]) or PledgeItem(pledge=pledge, key=item["key"])
        row.number = number
        for name in texts.ITEM_FIELDS:
            setattr(row, name, item[name])
        row.due_on = item["due_on"] or None
        row.save()
