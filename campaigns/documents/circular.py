"""通报 of the progress as an official document (公文, domain.md 6 and 8.5). A draft: the office goes on writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.documents import render
from common.documents.wording import title_lines

TEMPLATES = Path(__file__).parent / "templates"
UNBROKEN = (
    "创先争优",
    "活动",
    "时段",
    "应办事项",
    "办理情况",
    "领导小组",
    "办公室",
    "支部委员会",
    "工作委员会",
    "通报",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularLine:
    """A line of the table, as it is printed: 单位|应报|已报|按时|逾期天数|退回待修改|问题|整改时限.

    ``returned`` counts pieces (份), the others 项次: domain.md has 退回次数 there, which nobody counts.
    """

    name: str
    due: int
    done: int
    on_time: int
    days_late: str = ""
    returned: str = ""
    problems: str = ""
    remedy_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularDocument:
    organization: str  # 署名
    subject: str  # 创先争优活动第一时段
    addressees: Sequence[str]  # 主送, in protocol order
    as_of: dt.date
    overall: str
    obligations: Sequence[tuple[str, str]]  # name, and how it stands in a sentence
    lines: Sequence[CircularLine]
    remedy_by: dt.date | None = None
    signed_on: dt.date | None = None  # 成文日期


def circular_document(circular: CircularDocument) -> bytes:
    about = f"关于{circular.subject}应办事项办理情况的通报"
    context = {
        "circular": circular,
        "title": title_lines(circular.organization, about, unbroken=UNBROKEN),
        "addressees": "、".join(circular.addressees),
        "signature": title_lines(circular.organization, width=18, unbroken=UNBROKEN),
    }
    return render(TEMPLATES / "circular.docx", context)
