"""Figures of a round as pages show them: beside each part its whole, with each rate its formula."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.models import Phase
from pledges.models import RoundArchive
from pledges.queries.figures import Line


@dataclass(frozen=True, slots=True)
class Rate:
    label: str
    part: int
    whole: int
    unit: str
    formula: str


def rates(line: Line) -> list[Rate]:
    """The rates of a line, worked out from its own counts (domain.md 11c-4, 11c-8)."""
    counts = line.counts
    return [
        Rate(
            "党组织承诺率",
            counts["organizations_filed"],
            counts["organizations_owing"],
            "个党组织",
            "已报送的党组织 ÷ 应承诺的党组织",
        ),
        Rate(
            "党组织公开率",
            counts["organizations_published"],
            counts["organizations_owing"],
            "个党组织",
            "已公开的党组织 ÷ 应承诺的党组织",
        ),
        Rate(
            "党员承诺率",
            line.pledged,
            counts["members_due"],
            "名党员",
            "（书面承诺 + 口头承诺）÷ 应承诺；应承诺 = 名册党员 − 免作承诺",
        ),
    ]


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round of the list: open with today's figures, or closed with those of its date."""

    phase: Phase
    archive: RoundArchive | None
    line: Line | None


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the check-list before closing: how many are unfinished, and where to see them."""

    label: str
    count: int
    state: str
    meaning: str


def checks(line: Line | None) -> list[Check]:
    counts = line.counts if line else {}
    return [
        Check("草稿，没有提交", counts.get("drafts", 0), "draft", "归档后不能再提交"),
        Check("待审定", counts.get("waiting", 0), "submitted", "归档后不再审定"),
        Check("待修改", counts.get("returned", 0), "returned", "归档后不能修改"),
        Check("已审定，没有公开", counts.get("unpublished", 0), "approved", "归档后不再公开"),
    ]
