"""The exports that benchmarks measure: on their own, so that a process which only exports loads no more."""

from __future__ import annotations

from typing import Any

from campaigns.models import Phase
from common.spreadsheets.writer import stream_workbook
from organizations.exports import members_table
from organizations.models import Member
from organizations.resources import MemberResource, columns
from pledges.exports.ledger import export_ledger
from pledges.queries.ledger import CHUNK, items_of, ledger_values


class TwelveColumns(MemberResource):
    """The width that the goal is written for."""

    class Meta(MemberResource.Meta):
        fields = export_order = tuple(
            key
            for key in MemberResource.Meta.export_order
            if key not in ("ethnicity", "branch_code", "receiving")
        )


def fetch_members(columns_of: type[MemberResource]) -> int:
    """The bare fetch: the same values by the same cursor, and nothing done with them."""
    paths = [field.attribute for _, field in columns(columns_of)]
    rows = Member.objects.current().order_by("organization__order_path", "pk").values_list(*paths)
    return sum(1 for _ in rows.iterator(chunk_size=2000))


def export_members(user: Any, columns: str) -> int:
    """``columns``: MemberResource or TwelveColumns."""
    rows = Member.objects.current().order_by("organization__order_path", "pk")
    return sum(map(len, stream_workbook([members_table(user, rows, globals()[columns])])))


def fetch_ledger(user: Any, phase_pk: int) -> int:
    """The ledger's own statement by the same cursor, and nothing done with its rows."""
    rows = ledger_values(user, items_of(user, phase=Phase.objects.get(pk=phase_pk)))
    return sum(1 for _ in rows.iterator(chunk_size=CHUNK))


def export_whole_ledger(user: Any, phase_pk: int) -> int:
    return sum(map(len, export_ledger(user, phase=Phase.objects.get(pk=phase_pk))))
