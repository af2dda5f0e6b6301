"""未办名单 (未提交名单): who owes what, to be sent along or worked off by telephone. Names of organizations alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.expectations import expectation
from campaigns.models import Obligation, Phase
from campaigns.queries.progress import owing_any
from common.spreadsheets.writer import Form, Heading, stream_workbook
from common.templatetags.cn import cn_date
from organizations.models import Organization

HEADINGS = (
    Heading("序号", 6, "number"),
    Heading("党组织", 34),
    Heading("上级党组织", 28),
    Heading("未办事项", 26),
    Heading("截止日期", 16, "date"),
    Heading("逾期天数", 7, "number"),
    Heading("退回待修改", 8, "number"),
    Heading("已报 / 应报", 14),
    Heading("备注", 14),
)
FOOT = "填报人：　　　　　　　　　　审核人：　　　　　　　　　　联系电话：　　　　　　　　　　填报日期：　　　　年　　月　　日"


def workbook(
    place: Organization, obligations: Sequence[Obligation], phase: Phase, day: dt.date
) -> Iterator[bytes]:
    """Streamed: the whole tree in the memory of a page. ``phase`` comes with its campaign."""
    what = obligations[0].name if len(obligations) == 1 else "应办事项"
    form = Form(
        title=f"{phase.campaign.name}{phase.name}{what}未办名单",
        above=[
            f"填报单位（盖章）：{place.name}　　　　截至日期：{cn_date(day)}　　　　单位：个、天、份",
            "注：逾期天数从截止日期的次日起算，没有逾期的留空；按党组织顺序排列。",
        ],
        below=[FOOT],
    )
    return stream_workbook([("未办名单", HEADINGS, _rows(place, obligations, day))], form=form)


def _rows(place: Organization, obligations: Sequence[Obligation], day: dt.date) -> Iterator[tuple[Any, ...]]:
    asked = {each.pk: each for each in obligations}
    found = owing_any(place, obligations).values_list(
        "organization__name",
        "organization__parent__name",
        "obligation_id",
        "due_on",
        "returned",
        "got",
        "wanted",
        "is_extended",
    )
    for number, row in enumerate(found.iterator(chunk_size=2000), 1):
        name, superior, obligation, due_on, returned, got, wanted, is_extended = row
        expected = expectation(asked[obligation].expects)
        counts = f"{got} / {wanted} {expected.counts}" if expected and expected.counts else ""
        yield (
            number,
            name,
            superior or "",
            asked[obligation].name,
            due_on,
            (day - due_on).days if due_on < day else None,
            returned or None,
            counts,
            "已延期" if is_extended else "",
        )
