"""What a pledge must say before it is filed (domain.md 1.3: content, measures, responsible person, due date)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pledges.texts import Text, is_blank, text_of

REQUIRED = {
    "content": "请写明承诺内容",
    "measures": "请写明践诺措施",
    "responsible": "请写明责任人",
    "due_on": "请填写完成时限",
}
# a member's own: the plan (具体打算) and by when; who is responsible goes without saying
REQUIRED_OF_MEMBERS = {"content": "请写明具体打算", "due_on": "请填写完成时限"}


@dataclass(frozen=True, slots=True)
class Problem:
    """``field`` names the control in the editor: "title", "<item key>-content", or "items" for all of them."""

    field: str
    message: str


def problems_of(pledge: Any) -> list[Problem]:
    """Everything that keeps the pledge from being filed, in the order of the form."""
    return problems_in(text_of(pledge), pledge)


def problems_in(text: Text, pledge: Any) -> list[Problem]:
    """The same of a text that is not the pledge's yet."""
    is_members = pledge.member_id is not None
    found = _missing_in_head(text, is_members)
    required = REQUIRED_OF_MEMBERS if is_members else REQUIRED
    items = [(n, item) for n, item in enumerate(text["items"], 1) if not is_blank(item)]
    if not items:
        found.append(Problem("items", "请至少填写一项承诺。"))
    for number, item in items:
        found += _item_problems(number, item, required, pledge.phase.starts_on.isoformat())
    return found


def _missing_in_head(text: Text, is_members: bool) -> list[Problem]:
    found = []
    if not is_members and not text["title"].strip():
        found.append(Problem("title", "请填写承诺主题。"))
    if text["category"] is None:
        found.append(Problem("category", "请选择承诺类别。"))
    if not is_members and not text["directions"]:
        found.append(Problem("directions", "请选择承诺对象，至少一项。"))
    if is_members and not text["aim"].strip():
        found.append(Problem("aim", "请写明努力方向。"))
    return found


def _item_problems(
    number: int, item: dict[str, str], required: dict[str, str], earliest: str
) -> list[Problem]:
    found = [
        Problem(f"{item['key']}-{name}", f"第{number}项：{sentence}。")
        for name, sentence in required.items()
        if not item[name].strip()
    ]
    if item["due_on"] and item["due_on"] < earliest:
        found.append(
            Problem(f"{item['key']}-due_on", f"第{number}项：完成时限早于本时段的开始日期，请核对。")
        )
    return found
