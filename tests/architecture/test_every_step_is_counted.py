"""What an expectation reads is counted with every step that changes it: each such step of the workflows is in its ``on``.

Facts ask for a state in a few groups: what was filed, what was never filed, what came back; what is in force. A step
matters when it leads from one group into another.
"""

from __future__ import annotations

import pytest

from campaigns.expectations import known
from campaigns.flow import SUMMARY_FLOW
from common.states import Flow
from pledges.flow import IN_FORCE, ITEM_FLOWS, LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW, PLAN_FLOW


def as_filed(state: str) -> str:
    return state if state in {"draft", "returned"} else "filed"


def in_force(state: str) -> bool:
    return state in IN_FORCE


def approved(state: str) -> bool:
    return state == "approved"


READ = [
    ("plan", "plan", PLAN_FLOW, as_filed),
    ("pledge", "pledge", ORGANIZATION_FLOW, as_filed),
    ("member_pledge", "pledge", MEMBER_FLOW, as_filed),
    ("member_pledge", "pledge", LEADER_FLOW, as_filed),
    ("summary", "summary", SUMMARY_FLOW, as_filed),
    ("quarter", "pledge", ORGANIZATION_FLOW, in_force),
    ("quarter", "pledgeitem", ITEM_FLOWS[ORGANIZATION_FLOW], approved),
]
# steps that need not count, each with its reason
NOT_COUNTED: dict[str, dict[str, str]] = {
    "quarter": {
        "pledgeitem.approve": "its pledge is being vetted: in force only with the pledge's own step, which follows",
        "pledgeitem.reconsider": "its pledge is being vetted, or was taken out of force by its own step before",
        "pledgeitem.recall": "its pledge was taken out of force by its own step before",
        "pledgeitem.settle": "the change (变更) of which it is part is recorded after it",
    }
}


def moving(flow: Flow, group) -> set[str]:
    return {step.name for step in flow for state in step.sources if group(state) != group(step.target)}


@pytest.mark.parametrize(("code", "noun", "flow", "group"), READ, ids=lambda value: str(value)[:20])
def test_every_step_that_changes_what_facts_read_is_counted(code, noun, flow, group):
    steps = {f"{noun}.{verb}" for verb in moving(flow, group)}
    let_be = {step for step in NOT_COUNTED.get(code, {}) if step.startswith(f"{noun}.")}
    assert let_be <= steps, "no reason is needed for what changes nothing"
    assert steps - known()[code].on == let_be


def test_every_expectation_is_walked_through():
    assert {code for code, *_ in READ} == set(known())
