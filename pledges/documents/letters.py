"""党组织公开承诺书 and 党员公开承诺书 as Word documents (domain.md 1.3).

Dates and strings in, a .docx out. What is empty is left out; signature, seal and their date are room for a pen instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.documents import render
from common.documents.wording import title_lines

TEMPLATES = Path(__file__).parent / "templates"
UNBROKEN = ("创先争优", "公开承诺", "领导小组", "办公室", "支部委员会", "工作委员会")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """审核意见 on a letter: by the superior organization, of a member's by the branch."""

    opinion: str = ""
    approved_by: str = ""  # who is to sign: of a branch its secretary
    approved_on: dt.date | None = None
    by_superior: bool = False  # of a member's, where the branch cannot: its secretary's own


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationItem:
    """承诺事项 of an organization."""

    content: str
    category: str = ""  # one of 五个注重, where a poster collects items of several
    measures: str = ""  # 践诺措施
    figures: str = ""  # 指标: 基数 12 天，目标 7 天
    beneficiaries: str = ""  # 受益对象
    responsible: str = ""  # 责任人
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationLetter:
    """党组织公开承诺书. ``opening`` and ``closing`` may be left to the template's own sentences."""

    organization: str  # 承诺单位, its full name
    round_name: str  # 2010年下半年
    items: Sequence[OrganizationItem]
    superior: str  # 上级党组织
    approval: Approval = Approval()
    secretary: str = ""
    category: str = ""  # one of 五个注重
    directions: str = ""  # 承诺对象: 向上级党组织、向群众
    opening: str = ""  # 启语
    closing: str = ""  # 结语
    signed_on: dt.date | None = None
    hotline: str = ""  # 监督电话
    opinion_box: str = ""  # 意见箱, where it hangs
    publicity: str = ""  # 公示方式
    published_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberItem:
    """承诺事项 of a member."""

    content: str
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLetter:
    """党员公开承诺书. Three items of 120 characters fit on its page; what is longer goes on to a second."""

    name: str
    branch: str  # 所在支部, its full name
    round_name: str
    items: Sequence[MemberItem]
    approval: Approval = Approval()
    post: str = ""  # 职务（岗位）
    category: str = ""  # one of 五个表率
    aim: str = ""  # 努力方向
    signed_on: dt.date | None = None


def organization_letter(letter: OrganizationLetter) -> bytes:
    context = {
        "letter": letter,
        "title": title_lines(letter.organization, "公开承诺书", unbroken=UNBROKEN),
        "signature": signature_lines(letter.organization),
    }
    return render(TEMPLATES / "organization_letter.docx", context)


def member_letter(letter: MemberLetter) -> bytes:
    return member_letters([letter])


def member_letters(letters: Sequence[MemberLetter]) -> bytes:
    """The letters of a branch in one document, each on a page of its own."""
    return render(TEMPLATES / "member_letters.docx", {"letters": letters})


def signature_lines(organization: str) -> str:
    """署名: the right part of the page has room for eighteen characters."""
    return title_lines(organization, width=18, unbroken=UNBROKEN)
