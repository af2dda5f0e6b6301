"""小结、总结 as an official document (公文, domain.md 8.5). The form beside it is edited in WPS or LibreOffice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone

from campaigns import documents
from campaigns.models import Summary
from common.documents import render
from common.documents.wording import title_lines

FORM = Path(documents.__file__).parent / "templates" / "summary.docx"
UNBROKEN = ("创先争优", "党支部", "党总支", "委员会", "时段小结", "活动总结")


def summary_document(summary: Summary, figures: Sequence[dict[str, str]]) -> bytes:
    """A part without text is left out, and the parts after it move up a number."""
    parts = [("done", summary.done), ("figures", figures), ("left", summary.left)]
    said = [name for name, text in parts if text]
    title = (
        f"{summary.phase.campaign.name}{'' if summary.kind == '总结' else summary.phase.name}{summary.kind}"
    )
    context = {
        "summary": {"done": summary.done, "left": summary.left, "figures": figures},
        "title": title_lines(title, unbroken=UNBROKEN),
        "signature": title_lines(summary.organization.name, width=18, unbroken=UNBROKEN),
        "signed_on": timezone.localdate(summary.submitted_at) if summary.submitted_at else None,
        "part": {name: said.index(name) + 1 if name in said else 0 for name, _ in parts},
    }
    return render(FORM, context)
