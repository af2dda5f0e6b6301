"""进度统计表: the office's form, as its columns stand in domain.md 6.1, and who fills them in.

The form is handed in complete: what no app counts yet stands in it and is empty, for a pen. An app registers a
source for the counts it knows; a rate is worked out from the counts of its line and never added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from campaigns.models import Phase
from organizations.models import Organization

# (place, phase, day) -> id of the place itself or of a direct subordinate with all below it -> key -> how many. The
# place itself always has a line, with a zero for each key that is known there. Set-wise: no query a subordinate.
Source = Callable[[Organization, Phase, dt.date], "dict[int, dict[str, int]]"]


@dataclass(frozen=True, slots=True)
class Column:
    """A count, or with ``part`` and ``whole`` the rate of two counts."""

    key: str
    label: str
    part: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    columns: tuple[Column, ...]


def _group(label: str, **columns: str) -> Group:
    return Group(label, tuple(Column(key, name) for key, name in columns.items()))


FORM: tuple[Group, ...] = (
    _group("党组织数", committees="党委", general_branches="总支", branches="支部"),
    _group("党员数", full_members="正式", probationary_members="预备"),
    _group("方案", plans_due="应报", plans_filed="已报", plans_agreed="通过"),
    _group(
        "组织承诺",
        pledges_due="应承诺",
        pledges_filed="已承诺",
        pledges_published="已公示",
        pledge_items="事项数",
    ),
    _group(
        "党员承诺",
        members_due="应承诺",
        members_pledged="已承诺",
        members_exempt="豁免",
        members_oral="口头",
        members_published="已公示",
        member_items="事项数",
    ),
    Group(
        "兑现",
        (
            Column("items_due", "到期项"),
            Column("items_fulfilled", "已兑现"),
            Column("fulfilment_rate", "兑现率", "items_fulfilled", "items_due"),
        ),
    ),
    Group(
        "点评",
        (
            Column("reviewers_due", "应点评书记"),
            Column("reviewers_done", "已点评"),
            Column("organizations_reviewed", "被点评组织"),
            Column("organization_coverage", "覆盖率", "organizations_reviewed", "organizations_to_review"),
            Column("members_reviewed", "被点评党员"),
            Column("member_coverage", "覆盖率", "members_reviewed", "members_to_review"),
            Column("problems", "问题条数"),
            Column("problems_solved", "已整改"),
        ),
    ),
    Group(
        "群众评议",
        (
            Column("evaluations", "开展支部数"),
            Column("raters", "参评人数"),
            Column("valid_ballots", "有效票"),
            Column("satisfaction", "满意率", "satisfied_ballots", "valid_ballots"),
        ),
    ),
    _group("岗位示范", vanguard_posts="先锋岗", duty_areas="责任区", model_windows="示范窗口"),
    _group("结对", pairs="共建对数", deeds="办实事件数"),
    _group("表彰", advanced_organizations="先进", outstanding_members="优秀"),
    _group("信息", reports_adopted="采用篇数"),
)
KEYS = frozenset(
    key
    for group in FORM
    for column in group.columns
    for key in ((column.part, column.whole) if column.part else (column.key,))
)

_sources: list[tuple[frozenset[str], Source]] = []


def register(keys: Collection[str], source: Source) -> None:
    """Once for each key, from the ``ready`` of the app that counts it.

    :raises ValueError: the form has no such column, or somebody else fills it in.
    """
    if any(known is source for _, known in _sources):
        return
    taken = frozenset().union(*(known for known, _ in _sources))
    if wrong := [key for key in keys if key not in KEYS or key in taken]:
        raise ValueError(", ".join(wrong))
    _sources.append((frozenset(keys), source))


def sources() -> list[Source]:
    return [source for _, source in _sources]
