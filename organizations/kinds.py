"""Kinds of Party organization (党组织类别, domain.md 9.1, 9.3) and what each may do. Data, not code."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Kind(models.TextChoices):
    COMMITTEE = "committee", "党委"
    WORKING_COMMITTEE = "working_committee", "党工委"
    ORGANS_WORKING_COMMITTEE = "organs_working_committee", "机关工委"
    SYSTEM_COMMITTEE = "system_committee", "系统党委"
    PRIMARY_COMMITTEE = "primary_committee", "基层党委"
    ORGAN_COMMITTEE = "organ_committee", "机关党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    JOINT_BRANCH = "joint_branch", "联合党支部"
    TEMPORARY_BRANCH = "temporary_branch", "临时党支部"
    MOBILE_BRANCH = "mobile_branch", "流动党员党支部"
    RETIREE_BRANCH = "retiree_branch", "离退休党支部"
    DANGZU = "dangzu", "党组"


@dataclass(frozen=True, slots=True)
class KindRule:
    holds_members: bool  # members' affiliation (组织关系) may be here
    has_subordinates: bool
    files_pledges: bool


_LEADING = KindRule(holds_members=False, has_subordinates=True, files_pledges=True)
_BRANCH = KindRule(holds_members=True, has_subordinates=False, files_pledges=True)
# 党组 sit beside a 机关党委 and do not take members' affiliation (domain.md 9.3: a trap in real data).
_BESIDE = KindRule(holds_members=False, has_subordinates=False, files_pledges=False)

RULES: dict[str, KindRule] = {
    Kind.COMMITTEE: _LEADING,
    Kind.WORKING_COMMITTEE: _LEADING,
    Kind.ORGANS_WORKING_COMMITTEE: _LEADING,
    Kind.SYSTEM_COMMITTEE: _LEADING,
    Kind.PRIMARY_COMMITTEE: _LEADING,
    Kind.ORGAN_COMMITTEE: _LEADING,
    Kind.GENERAL_BRANCH: _LEADING,
    Kind.BRANCH: _BRANCH,
    Kind.JOINT_BRANCH: _BRANCH,
    Kind.TEMPORARY_BRANCH: _BRANCH,
    Kind.MOBILE_BRANCH: _BRANCH,
    Kind.RETIREE_BRANCH: _BRANCH,
    Kind.DANGZU: _BESIDE,
}

HOLDS_MEMBERS = frozenset(kind for kind, rule in RULES.items() if rule.holds_members)
HAS_SUBORDINATES = frozenset(kind for kind, rule in RULES.items() if rule.has_subordinates)
FILES_PLEDGES = frozenset(kind for kind, rule in RULES.items() if rule.files_pledges)
