"""归档说明: the note on a closed phase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.documents import render
from common.documents.wording import title_lines

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedObligation:
    name: str
    due_on: dt.date
    count: Any  # campaigns.queries.progress.Count


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingNote:
    """归档说明 of a closed phase, with its figures as of that day."""

    campaign: str
    phase: str
    period: str
    closed_on: dt.date
    closed_by: str
    number: int
    obligations: Sequence[CountedObligation]
    missing: Sequence[dict[str, Any]]
    reason: str
    files: Sequence[SealedFile]
    office: str  # 署名


def closing_note(said: ClosingNote) -> bytes:
    title = title_lines(said.campaign, f"{said.phase}归档说明", unbroken=("创先争优", "归档说明"))
    return render(TEMPLATES / "closing.docx", {"said": said, "title": title})
