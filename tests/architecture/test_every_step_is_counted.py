"""What an expectation reads is counted with every step that changes it: each such step of the workflows is in its ``on``.

Facts ask for a state in a few groups: what was filed, what was never filed, what came back. A step matters when it
leads from one group into another.
"""

from __future__ import annotations

import pytest

from campaigns.expectations import known
from campaigns.flow import SUMMARY_FLOW
from common.states import Flow
from pledges.flow import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW, PLAN_FLOW


def as_filed(state: str) -> str:
    return state if state in {"draft", "returned"} else "filed"


READ = [
    ("plan", "plan", PLAN_FLOW, as_filed),
    ("pledge", "pledge", ORGANIZATION_FLOW, as_filed),
    ("member_pledge", "pledge", MEMBER_FLOW, as_filed),
    ("member_pledge", "pledge", LEADER_FLOW, as_filed),
    ("summary", "summary", SUMMARY_FLOW, as_filed),
]
# steps that need not count, each with its reason
NOT_COUNTED: dict[str, dict[str, str]] = {}


def moving(flow: Flow, group) -> set[str]:
    return {step.name for step in flow for state in step.sources if group(state) != group(step.target)}


@pytest.mark.parametrize(("code", "noun", "flow", "group"), READ, ids=lambda value: str(value)[:20])
def test_every_step_that_changes_what_facts_read_is_counted(code, noun, flow, group):
    steps = {f"{noun}.{verb}" for verb in moving(flow, group)}
    let_be = {step for step in NOT_COUNTED.get(code, {}) if step.startswith(f"{noun}.")}
    assert let_be <= steps, "no reason is needed for what changes nothing"
    assert steps - known()[code].on == let_be
