"""./run manage pledge_flow [plan] > docs/flows/….md: the pages are written from the tables, never by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import models

from common.states import Flow
from organizations.access import MATRIX, ONES_OWN
from pledges.flow import (
    ITEM_FLOWS,
    LEADER_FLOW,
    MEMBER_CHANGE_FLOW,
    MEMBER_FLOW,
    OPINION_FLOW,
    ORGANIZATION_CHANGE_FLOW,
    ORGANIZATION_FLOW,
    PLAN_FLOW,
    ChangeState,
    ItemState,
    OpinionState,
    PlanState,
    PledgeState,
)

HEAD = """\
# The life of a pledge (公开承诺)

Written by `./run manage pledge_flow > docs/flows/pledge.md` from `pledges/flow` and
`chuangxian/matrix.py`; a test keeps it current.
"""
States = type[models.TextChoices]
SECTIONS: list[tuple[str, Flow, States]] = [
    ("A pledge of an organization (党组织公开承诺)", ORGANIZATION_FLOW, PledgeState),
    ("A pledge of a member (党员公开承诺)", MEMBER_FLOW, PledgeState),
    ("A pledge of a 书记 or 副书记", LEADER_FLOW, PledgeState),
    ("An item (承诺事项) of an organization's pledge", ITEM_FLOWS[ORGANIZATION_FLOW], ItemState),
    ("An item of a member's pledge", ITEM_FLOWS[MEMBER_FLOW], ItemState),
    ("A change (变更) of an organization's published pledge", ORGANIZATION_CHANGE_FLOW, ChangeState),
    ("A change of a member's published pledge", MEMBER_CHANGE_FLOW, ChangeState),
    ("An opinion on a published pledge (群众意见)", OPINION_FLOW, OpinionState),
]
# one diagram a shape; the others differ in who takes the steps
_DRAWN = (ORGANIZATION_FLOW, ITEM_FLOWS[ORGANIZATION_FLOW], ORGANIZATION_CHANGE_FLOW, OPINION_FLOW)
FOOT = """\
Above the tables stand the rules about the person, in the step itself: nobody approves, returns, declines or
publishes a pledge they wrote, changed or filed, or of an organization where they hold a post; whoever proposed
does not clear, whoever cleared does not publish. A member's pledge may be typed in by the branch for the member;
nobody vets what they promised themselves, and a 书记's or 副书记's pledge is vetted by the superior. An
organization without a superior has nowhere to submit; a dissolved one submits and proposes nothing.
A pledge follows its items: with none left to vet it is approved, or returned when one of them went back; settled
items stay as they are while the returned ones are corrected.
A published text changes by a request alone; approved, it is a new version beside the one before. There is one open
request a pledge; taking the pledge down ends it, and takes every version down.
A decision is refused when the text has changed since it was read. Taking down (撤下公开) waits for nobody.

When an organization is merged into another (并入), what is unfinished (not 已公开, not 已撤下) goes to the
successor in the state it is in, each with a `pledge.hand_over` in its history; what has been public stays.

An opinion is answered within 10 working days, by the organization of the pledge or, when it is merged or dissolved,
by whoever answers for it then. Forwarding (转其他党组织) tells both and does not prolong the term. An answer is
corrected at most once. Publishing shows the answer, and the opinion's own words only when the organization chooses
so, both with numbers masked; a pledge that is taken down takes them along. Name and phone are read at the
responsible organization alone and are erased 90 days after the matter is settled.
"""

PLAN_HEAD = """\
# The life of a plan (活动方案)

Written by `./run manage pledge_flow plan > docs/flows/plan.md` from `pledges/flow` and
`chuangxian/matrix.py`; a test keeps it current.
"""
PLAN_FOOT = """\
Above the table stand the same rules about the person as for a pledge (docs/flows/pledge.md). There is one plan an
organization and phase. What becomes public is the summary (活动方案摘要) frozen at 批准公开.

The text changes while it is 草稿 or 待修改; progress and remarks of the tasks go on being noted until the archive.
归档 has no button: `pledges.services.plans.archive_all` takes a whole phase when its round is closed, and
publications stay; when the round is opened again, `unarchive_all` takes each back to the state it had. When an organization is merged into another (并入), its unfinished plan goes to the successor,
unless that has one of the same phase: then the successor's stands and the other stays as history.
"""


class Command(BaseCommand):
    help = "Print docs/flows/pledge.md, or docs/flows/plan.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=["pledge", "plan"], default="pledge")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "plan":
            chart = f"```mermaid\n{PLAN_FLOW.diagram(PlanState, PlanState.DRAFT)}\n```\n"
            self.stdout.write(
                "\n".join([PLAN_HEAD, chart, _table(PLAN_FLOW, PlanState), PLAN_FOOT]), ending=""
            )
            return
        parts = [HEAD]
        for title, flow, states in SECTIONS:
            parts.append(f"## {title}\n")
            if flow in _DRAWN:
                parts.append(f"```mermaid\n{flow.diagram(states, states.values[0])}\n```\n")
            parts.append(_table(flow, states))
        self.stdout.write("\n".join([*parts, FOOT]), ending="")


def _table(flow: Flow, states: States) -> str:
    rows = [
        "| step | button | from | to | who, how far from the post | reason |",
        "|---|---|---|---|---|---|",
    ]
    for step in flow:
        sources = "、".join(str(states(s).label) for s in states.values if s in step.sources)
        who = "；".join(f"{post.label} {reach.value}" for post, reach in MATRIX[step.permission].items())
        who += "；本人" if step.permission in ONES_OWN else ""
        reason = "required" if step.needs_reason else ""
        target = states(step.target).label
        rows.append(f"| `{step.name}` | {step.label} | {sources} | {target} | {who} | {reason} |")
    return "\n".join(rows) + "\n"
