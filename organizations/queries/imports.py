"""The preview of a roster import as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from organizations.models import RosterImport, RosterImportRow
from organizations.models.imports import RosterImportRowQuerySet

Outcome = RosterImportRow.Outcome


@dataclass(frozen=True)
class PreviewFilter:
    """Which rows to show: ``outcome``, ``kind`` of error or warning, ``sheet``. Unknown words are ignored."""

    outcome: str = ""
    kind: str = ""
    sheet: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str], summary: Mapping[str, Any]) -> PreviewFilter:
        kinds = {kind for kind, *_ in (*summary.get("errors", ()), *summary.get("warnings", ()))}
        kind = asked.get("kind", "")
        outcome, sheet = asked.get("outcome", ""), asked.get("sheet", "")
        return cls(
            outcome if outcome in Outcome.values else "",
            kind if kind in kinds else "",
            sheet if sheet in summary.get("sheets", {}) else "",
        )

    def narrow(self, rows: RosterImportRowQuerySet) -> RosterImportRowQuerySet:
        if self.outcome:
            rows = rows.filter(outcome=self.outcome)
        if self.sheet:
            rows = rows.filter(sheet=self.sheet)
        if self.kind:
            kind = [[self.kind]]
            rows = rows.filter(problems__contains=kind) | rows.filter(warnings__contains=kind)
        return rows.in_sheet_order()


def preview_rows(roster_import: RosterImport, chosen: PreviewFilter) -> RosterImportRowQuerySet:
    return chosen.narrow(roster_import.rows.all())


def first_view(summary: Mapping[str, Any]) -> str:
    """What to show when nothing was asked: what stands in the way, else what would change."""
    sheets = summary.get("sheets", {}).values()
    for outcome in (Outcome.ERROR, Outcome.CHANGED, Outcome.NEW):
        if any(sheet[outcome] for sheet in sheets):
            return str(outcome.value)
    return ""


def faulty_rows(roster_import: RosterImport) -> Iterator[RosterImportRow]:
    return roster_import.rows.filter(outcome=Outcome.ERROR).in_sheet_order().iterator(chunk_size=2000)
