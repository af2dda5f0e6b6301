"""A row of the entry page as it is shown: what is saved, what was typed, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from campaigns.models import RubricItem
from common.templatetags.cn import cn_date, cn_datetime
from pledges.completeness import problems_of
from pledges.forms.entry import EntryForm
from pledges.models import Pledge
from pledges.queries.rosters import Row
from pledges.services.entries import ONES_OWN, UNCHANGED

READY = "还没有提交。"


def told_at(moment: dt.datetime) -> str:
    """14:03 of today, else with its day."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else cn_datetime(local)


def words_of(pledge: Pledge) -> list[str]:
    """A member's pledge in a few lines, to be put beside another text of it."""
    items = [
        f"具体打算：{item.content or '（空）'}，{cn_date(item.due_on) or '没有写时限'}"
        for item in pledge.items.all()
    ]
    category = pledge.category.name if pledge.category else "（未选）"
    return [f"承诺类别：{category}", *items, f"努力方向：{pledge.aim or '（空）'}"]


class Line:
    """``form`` is None where nothing can be written: an exempt member, a pledge that is filed."""

    def __init__(self, row: Row, categories: Sequence[RubricItem]) -> None:
        self.row, self.member, self._categories = row, row.member, categories
        self.is_bad = self.is_saved = False
        self.refusal = ""
        self.theirs: Pledge | None = None
        self.form: EntryForm | None = None
        if row.is_open:
            self.form = EntryForm.of_saved(self.member.pk, row.pledge, categories)

    def bind(self, data: Mapping[str, Any]) -> Line:
        """With what was typed in place of what is saved."""
        self.form = EntryForm(
            data, member=self.member.pk, categories=self._categories, pledge=self.row.pledge
        )
        return self

    def keep(self, pledge: Pledge) -> None:
        self.is_saved = True
        self.row.pledge = pledge
        self.row.missing = [problem.message for problem in problems_of(pledge)]

    def clash(self, theirs: Pledge) -> None:
        """Somebody saved meanwhile: both texts are shown, and saving again is a choice for one's own."""
        self.is_bad, self.theirs = True, theirs
        assert self.form is not None  # noqa: S101 -- only what has a form is saved
        typed = {name: self.form[name].value() for name in self.form.fields}
        data = {f"{self.member.pk}-{name}": value for name, value in typed.items()}
        data[f"{self.member.pk}-version"] = str(theirs.version)
        self.form = EntryForm(data, member=self.member.pk, categories=self._categories, pledge=theirs)

    def refuse(self, why: str) -> None:
        self.is_bad, self.refusal = True, why

    def fields_of(self, pledge: Pledge) -> dict[str, str]:
        """The boxes as they are after saving: dates in one shape, keys of the items."""
        form = EntryForm.of_saved(self.member.pk, pledge, self._categories)
        return {f"{form.prefix}-{name}": str(form[name].value() or "") for name in form.fields}

    @property
    def theirs_words(self) -> list[str]:
        return words_of(self.theirs) if self.theirs is not None else []

    @property
    def why_closed(self) -> str:
        if self.row.exemption is not None:
            return f"已登记为“{self.row.exemption.get_kind_display()}”，不再作书面承诺。"
        pledge = self.row.pledge
        return f"这份承诺现在是“{pledge.get_state_display()}”，不能修改。" if pledge else ""

    @property
    def status(self) -> str:
        pledge = self.row.pledge
        if pledge is None:
            return "未填写"
        return f"已保存 {told_at(pledge.changed_at)}"

    @property
    def sign(self) -> str:
        """For the roster at the side: done, open, or nothing yet."""
        why = why_left(self)
        return "done" if not why else "ready" if why == READY else "open"


def why_left(line: Line) -> str:
    """Why 提交全部 did not take this member along; nothing for whoever is done."""
    row = line.row
    if not row.is_open:
        return ""
    if row.pledge is None:
        return "还没有填写。"
    if row.missing:
        return "".join(row.missing)
    if row.is_ones_own:
        return ONES_OWN
    return UNCHANGED if row.is_as_returned else READY
