"""通报 filled in from the figures a snapshot kept, and from nothing else."""

from __future__ import annotations

import datetime as dt

from campaigns.documents import CircularDocument, CircularLine, circular_document
from campaigns.models import Snapshot
from campaigns.queries.circular import Circular, Standing
from common.templatetags.cn import cn_date, cn_day


def document(snapshot: Snapshot) -> bytes:
    told = Circular.of_json(snapshot.figures["circular"], snapshot.as_of)
    return circular_document(
        CircularDocument(
            organization=told.organization,
            subject=f"{told.campaign}{told.phase}",
            addressees=told.addressees,
            as_of=told.as_of,
            overall=_overall(told),
            obligations=[(each.name, _obligation(each)) for each in told.obligations],
            lines=[_line(each, snapshot.remedy_by) for each in told.lines] + [_line(told.total, None)],
            remedy_by=snapshot.remedy_by,
            signed_on=snapshot.as_of,
        )
    )


def _overall(told: Circular) -> str:
    whole = told.total
    parts = [
        f"列入统计的应办事项{len(told.obligations)}项，应报{whole.due}项次，已报{whole.done}项次{_rate(whole)}，"
        f"其中按时{whole.on_time}项次；未报{whole.due - whole.done}项次，其中逾期{whole.overdue}项次",
    ]
    if whole.returned:
        parts.append(f"退回待修改{whole.returned}份")
    if whole.extended or whole.exempt:
        parts.append(f"准予延期{whole.extended}项次，免办{whole.exempt}项次，免办的不计入应报")
    return "；".join(parts) + "。"


def _obligation(each: Standing) -> str:
    due_on = cn_date(dt.date.fromisoformat(each.due_on))
    text = (
        f"截止日期{due_on}，应报{each.due}个，已报{each.done}个{_rate(each)}，其中按时{each.on_time}个；"
        f"未报{each.due - each.done}个"
    )
    return f"{text}，均已逾期。" if 0 < each.overdue == each.due - each.done else (
        f"{text}，其中逾期{each.overdue}个。" if each.overdue else f"{text}。"
    )  # fmt: skip


def _rate(each: Standing) -> str:
    """Beside its two numbers, so that the formula can be read off."""
    return f"（{each.done} ÷ {each.due} = {each.done / each.due:.1%}）" if each.due else ""


def _line(each: Standing, remedy_by: dt.date | None) -> CircularLine:
    """The column is narrow: the year of 整改时限 stands in the text below the table."""
    return CircularLine(
        name=each.name,
        due=each.due,
        done=each.done,
        on_time=each.on_time,
        days_late=str(each.days_late or ""),
        returned=str(each.returned or ""),
        problems=each.problems,
        remedy_by=cn_day(remedy_by) if remedy_by and each.problems else "",
    )
