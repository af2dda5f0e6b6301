"""The rules of a campaign as plain values, item by item: to compare, to tell and to keep beside the template.

An item is known by its kind and a key that outlives versions of the template: ``phase:2``,
``obligation:2:pledge:plan:1``. Values are what JSON can hold (dates as 2010-09-30), so that what a form says, what a
row says, what the audit keeps and what was taken from the template compare as they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from campaigns.expectations import expectation
from campaigns.models import (
    Anchor,
    Audience,
    Campaign,
    ExemptCase,
    Obligation,
    Phase,
    RubricItem,
    Strand,
    StrandWindow,
    Unit,
)
from campaigns.template_files import CampaignTemplate, ObligationSpec, PhaseSpec
from common.templatetags.cn import cn_date
from organizations.kinds import Kind
from organizations.posts import Post

Values = dict[str, Any]
Items = dict[str, Values]

FIELDS: dict[str, dict[str, str]] = {
    "phase": {"name": "名称", "starts_on": "开始日期", "ends_on": "结束日期", "ends_note": "结束说明"},
    "window": {"strand": "环节", "name": "内容", "opens_on": "开始日期", "closes_on": "截止日期"},
    "obligation": {
        "strand": "环节",
        "expects": "办理什么",
        "name": "名称",
        "anchor": "期限算法",
        "offset": "天数",
        "unit": "单位",
        "opens_on": "开始日期",
        "due_on": "截止日期",
        "kinds": "由哪些党组织办理",
        "posts": "提醒哪些职务",
        "exempts": "免办情形",
        "forbids": "下级不得调整",
    },
    "rubric": {"name": "名称", "text": "说明", "central_name": "对应"},
    "ladder": {"rungs": "提醒"},
    "text": {"text": "文字"},
    "scale": {"scale": "等次"},
    "special_day": {"worked": "安排", "note": "说明"},  # beside the campaigns: no item of theirs
}
KIND_NAMES = {
    "phase": "时段",
    "window": "环节",
    "obligation": "应办事项",
    "rubric": "类别",
    "ladder": "提醒",
    "text": "文字",
    "scale": "等次",
}
TEXT_NAMES = {
    "pledge_intro": "填写公开承诺时的说明",
    "pledge_public": "承诺公开页的说明",
    "review_intro": "领导点评的说明",
    "evaluation_intro": "群众评议的说明",
}


WORKED = {"0": "放假", "1": "上班（调休）"}


def plain(value: Any) -> Any:
    """As JSON holds it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def values_of(kind: str, row: Any) -> Values:
    return {name: plain(getattr(row, name)) for name in FIELDS[kind]}


def stamp(values: Any) -> str:
    """Changes when anything of it changes: whether a form was filled in over what is still there."""
    text = json.dumps(plain(values), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


# -- telling ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One field, before and after, in words."""

    label: str
    old: str
    new: str


def lines(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """What differs, field by field. Of an item that was not there, everything it says."""
    labels = FIELDS.get(kind) or {key: TEXT_NAMES.get(key, key) for key in {**old, **new}}
    return [
        Line(label, told(name, old.get(name)), told(name, new.get(name)))
        for name, label in labels.items()
        if old.get(name) != new.get(name) and (old.get(name) or new.get(name))
    ]


def _date(value: str) -> str:
    return cn_date(dt.date.fromisoformat(value))


def _labels(choices: Any, whole: str = "") -> Callable[[list[str]], str]:
    return lambda values: "、".join(str(choices(value).label) for value in values) or whole


def _expected(code: str) -> str:
    found = expectation(code)
    return found.label if found else ""


def rung_told(rung: Mapping[str, Any]) -> str:
    """截止前14天提醒办理的党组织"""
    days = rung["days"]
    when = f"截止前 {-days} 天" if days < 0 else "截止当天" if days == 0 else f"逾期 {days} 天"
    return f"{when}提醒{Audience(rung['to']).label}{'（单独发送）' if rung.get('urgent') else ''}"


def _scale_told(scale: Mapping[str, Any]) -> str:
    rows = [f"{each['name']} {each['least']} 分起" for each in scale.get("bands", [])]
    rows += [f"{each['name']} {each['score']} 分" for each in scale.get("options", [])]
    return f"{scale['name']}：{'、'.join(rows)}"


def _choice(choices: Any) -> Callable[[str], str]:
    return lambda value: str(choices(value).label)


FORBIDDEN_NAMES = {name: FIELDS["obligation"][name] for name in Obligation.FORBIDDABLE}
_TOLD: dict[str, Callable[[Any], str]] = {
    "starts_on": _date,
    "ends_on": _date,
    "opens_on": _date,
    "closes_on": _date,
    "due_on": _date,
    "strand": _choice(Strand),
    "anchor": _choice(Anchor),
    "unit": _choice(Unit),
    "expects": _expected,
    "kinds": _labels(Kind),
    "posts": _labels(Post),
    "exempts": _labels(ExemptCase),
    "forbids": lambda names: "、".join(FORBIDDEN_NAMES[name] for name in names),
    "rungs": lambda rungs: "；".join(rung_told(rung) for rung in rungs),
    "scale": _scale_told,
    "worked": lambda said: WORKED[said],
}
_EMPTY = {"ends_on": "不定", "kinds": "不限类别", "posts": "不限职务", "exempts": "没有", "forbids": "没有"}


def told(name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return _EMPTY.get(name, "（空）")
    return _TOLD.get(name, str)(value)


# -- items -----------------------------------------------------------------------------------------


def opens_on(phase: PhaseSpec, spec: ObligationSpec) -> dt.date:
    """As it says; otherwise with the first window of its strand, and what has none with the phase."""
    opens = [window.opens_on for window in phase.windows if spec.strand and window.strand == spec.strand]
    return spec.opens_on or min(opens, default=phase.starts_on)


def of_template(template: CampaignTemplate, phases: Iterable[PhaseSpec]) -> Items:
    """What the template says, ``phases`` with their dates moved already."""
    found: Items = {}
    for phase in phases:
        found[f"phase:{phase.number}"] = values_of("phase", phase)
        for window in phase.windows:
            found[f"window:{phase.number}:{window.key}"] = values_of("window", window)
        for each in phase.obligations:
            found[f"obligation:{phase.number}:{each.key}"] = _of_obligation(phase, each)
    for item in template.rubric:
        found[f"rubric:{item.subject}:{item.number}"] = values_of("rubric", item)
    return found | _sayings(template.ladder, template.texts, template.scales)


def _of_obligation(phase: PhaseSpec, spec: ObligationSpec) -> Values:
    said = {name: plain(getattr(spec, name)) for name in FIELDS["obligation"] if name != "opens_on"}
    return _counted(said | {"opens_on": plain(opens_on(phase, spec))})


def _counted(values: Values) -> Values:
    """A last day that is counted from the phase says nothing by itself."""
    return values if values["anchor"] == Anchor.DATE else values | {"due_on": None}


def _sayings(ladder: Iterable[Values], texts: Mapping[str, str], scales: Mapping[str, Any]) -> Items:
    return {
        "ladder": {"rungs": plain(list(ladder))},
        **{f"text:{key}": {"text": text} for key, text in texts.items()},
        **{f"scale:{key}": {"scale": plain(scale)} for key, scale in scales.items()},
    }


def of_campaign(campaign: Campaign) -> tuple[Items, dict[str, int]]:
    """What the campaign says, and which row says it. Rows from before keys existed are found by what they ask for.

    Four queries.
    """
    found: Items = {}
    rows: dict[str, int] = {}

    def add(key: str, kind: str, row: Phase | StrandWindow | Obligation | RubricItem) -> None:
        found[key], rows[key] = values_of(kind, row), row.pk

    numbers = dict[int, int]()
    for phase in campaign.phases.all():
        numbers[phase.pk] = phase.number
        add(f"phase:{phase.number}", "phase", phase)
    for window in StrandWindow.objects.filter(phase__campaign=campaign).order_by("pk"):
        add(f"window:{numbers[window.phase_id]}:{window.key or f'?{window.pk}'}", "window", window)
    for each in Obligation.objects.of_the_campaign().filter(phase__campaign=campaign).order_by("pk"):
        key = f"obligation:{numbers[each.phase_id]}:{each.key or f'?{each.pk}'}"
        add(key, "obligation", each)
        found[key] = _counted(found[key])
    for item in campaign.rubric.all():
        add(f"rubric:{item.subject}:{item.number}", "rubric", item)
    return found | _sayings(campaign.ladder, campaign.texts, campaign.scales), rows


def kind_of(key: str) -> str:
    return key.split(":", 1)[0]


def name_of(key: str, values: Mapping[str, Any]) -> str:
    """第一时段 · 报送活动方案, as a list tells an item."""
    kind, *rest = key.split(":")
    if kind == "ladder":
        return "提醒的时间和对象"
    if kind == "text":
        return TEXT_NAMES.get(rest[0], rest[0])
    if kind == "scale":
        return str(values["scale"]["name"])
    return str(values["name"]) if kind != "phase" else f"第 {rest[0]} 个时段：{values['name']}"
