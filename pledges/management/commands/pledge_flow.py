"""./run manage pledge_flow > docs/flows/pledge.md: the page is written from the table, never by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from organizations.access import MATRIX
from pledges.flow import PLEDGE_FLOW, PledgeState

HEAD = """\
# The life of a pledge (公开承诺)

Written by `./run manage pledge_flow > docs/flows/pledge.md` from `pledges/flow.py` and
`chuangxian/matrix.py`; a test keeps it current.
"""
FOOT = """\
Above the table stand the rules about the person, in the step itself: nobody approves, returns, declines or
publishes a pledge they wrote, changed or filed, or of an organization where they hold a post; an
organization without a superior has nowhere to submit; a dissolved one submits and proposes nothing.
A decision is refused when the text has changed since it was read. Taking down (撤下公开) waits for nobody.

When an organization is merged into another (并入), what is unfinished (not 已公开, not 已撤下) goes to the
successor in the state it is in, each with a `pledge.hand_over` in its history; what has been public stays.
"""


class Command(BaseCommand):
    help = "Print docs/flows/pledge.md."

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [
            HEAD,
            f"```mermaid\n{PLEDGE_FLOW.diagram(PledgeState, PledgeState.DRAFT)}\n```\n",
            _table(),
            FOOT,
        ]
        self.stdout.write("\n".join(parts), ending="")


def _table() -> str:
    rows = [
        "| step | button | from | to | who, how far from the post | reason |",
        "|---|---|---|---|---|---|",
    ]
    for step in PLEDGE_FLOW:
        sources = "、".join(PledgeState(s).label for s in PledgeState.values if s in step.sources)
        who = "；".join(f"{post.label} {reach.value}" for post, reach in MATRIX[step.permission].items())
        reason = "required" if step.needs_reason else ""
        target = PledgeState(step.target).label
        rows.append(f"| `{step.name}` | {step.label} | {sources} | {target} | {who} | {reason} |")
    return "\n".join(rows) + "\n"
