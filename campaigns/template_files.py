"""Campaign templates: TOML files in ``campaigns/templates/``, read strictly.

Every complaint names the file, the place in it and what is expected there, because the people who write
these files are not the people who wrote this module.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from campaigns.models import Anchor, Audience, ExemptCase, Obligation, Strand, Subject, Unit
from organizations.kinds import Kind
from organizations.posts import Post

FOLDER = Path(__file__).parent / "templates"
NAMES_OF_TYPES = {
    str: "文字",
    int: "整数",
    dt.date: "日期（如 2010-12-31）",
    list: "列表",
    dict: "表",
    bool: "true 或 false",
}


class TemplateFaulty(Exception):
    """The file is not a campaign template; the message says where and why, in a sentence for the person."""


@dataclass(frozen=True, slots=True)
class RubricSpec:
    subject: Subject
    number: int
    name: str
    text: str
    central_name: str


@dataclass(frozen=True, slots=True)
class WindowSpec:
    strand: Strand
    name: str
    opens_on: dt.date
    closes_on: dt.date
    key: str = ""  # what it is known by from one version of the template to the next


@dataclass(frozen=True, slots=True)
class ObligationSpec:
    """``due_on`` is None where it is counted from the phase: ``offset`` days or working days after ``anchor``."""

    name: str
    due_on: dt.date | None
    opens_on: dt.date | None = None  # None: with the strand's first window, or with the phase
    strand: str = ""
    expects: str = ""
    anchor: str = Anchor.DATE
    offset: int = 0
    unit: str = Unit.DAYS
    kinds: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    exempts: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    number: int
    name: str
    starts_on: dt.date
    ends_on: dt.date | None
    ends_note: str
    windows: tuple[WindowSpec, ...]
    obligations: tuple[ObligationSpec, ...]


@dataclass(frozen=True, slots=True)
class CampaignTemplate:
    code: str
    version: int
    name: str
    theme: str
    goals: str
    source: str
    rubric: tuple[RubricSpec, ...]
    phases: tuple[PhaseSpec, ...]
    scales: dict[str, Any]
    texts: dict[str, str]
    ladder: tuple[dict[str, Any], ...]

    @property
    def starts_on(self) -> dt.date:
        return self.phases[0].starts_on


class Table:
    """One table of the file, with the way to it; each read checks the type, ``done`` finds misspelt keys."""

    def __init__(self, data: Any, where: str, file: str) -> None:
        self.where, self.file, self._read = where, file, set[str]()
        if not isinstance(data, dict):
            raise self.fault("", "应为表")
        self._data: dict[str, Any] = data

    def fault(self, key: str, what: str) -> TemplateFaulty:
        place = ".".join(part for part in (self.where, key) if part) or "文件开头"
        return TemplateFaulty(f"{self.file}：{place}：{what}")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        self._read.add(key)
        if key not in self._data:
            if default is None:
                raise self.fault(key, f"缺少此项，应为{NAMES_OF_TYPES[kind]}")
            return default
        value = self._data[key]
        if type(value) is not kind or (kind is str and not str(value).strip()):
            raise self.fault(key, f"应为{NAMES_OF_TYPES[kind]}，现为 {value!r}")
        return value

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, longest: int, default: str | None = None) -> str:
        value: str = self.get(key, str, default)
        if len(value) > longest:
            raise self.fault(key, f"最长 {longest} 字，现为 {len(value)} 字")
        return value

    def date(self, key: str) -> dt.date:
        value: dt.date = self.get(key, dt.date)
        return value

    def choice(self, key: str, known: list[str], default: str | None = None) -> str:
        value: str = self.get(key, str, default)
        if value != default and value not in known:
            raise self.fault(key, f"应为 {'、'.join(known)} 之一，现为 {value!r}")
        return value

    def choices(self, key: str, known: list[str]) -> tuple[str, ...]:
        """Several of ``known``, or none."""
        values: list[Any] = self.get(key, list, [])
        for value in values:
            if value not in known:
                raise self.fault(key, f"应为 {'、'.join(known)} 中的若干项，现有 {value!r}")
        return tuple(values)

    def tables(self, key: str, *, required: bool = True) -> Iterator[Table]:
        rows = self.get(key, list, None if required else [])
        if required and not rows:
            raise self.fault(key, "至少要有一项")
        for number, row in enumerate(rows, 1):
            table = Table(row, f"{self.where + '.' if self.where else ''}{key}[{number}]", self.file)
            yield table
            table.done()

    def table(self, key: str) -> Table:
        return Table(self.get(key, dict), f"{self.where + '.' if self.where else ''}{key}", self.file)

    def items(self) -> Iterator[tuple[str, Any]]:
        self._read.update(self._data)
        yield from self._data.items()

    def done(self) -> None:
        for key in self._data:
            if key not in self._read:
                raise self.fault(key, "不认识此项，请检查拼写")


def available(folder: Path = FOLDER) -> list[CampaignTemplate]:
    """All templates, by file name. A faulty file stops the list: it must be put right, not overlooked."""
    return [load(path) for path in sorted(folder.glob("*.toml"))]


def find(code: str, folder: Path = FOLDER) -> CampaignTemplate | None:
    return next((template for template in available(folder) if template.code == code), None)


def load(path: Path) -> CampaignTemplate:
    """Read one file.

    :raises TemplateFaulty: with file, place and what is expected there.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateFaulty(f"{path.name}：不是有效的 TOML 文件（{error}）") from error
    top = Table(data, "", path.name)
    template = CampaignTemplate(
        code=top.text("code", 40),
        version=top.get("version", int),
        name=top.text("name", 120),
        theme=top.text("theme", 200),
        goals=top.text("goals", 200),
        source=top.text("source", 200, ""),
        rubric=tuple(_rubric(top.table("rubric"))),
        phases=tuple(_phases(top)),
        scales=_scales(top.table("scales")),
        texts=_texts(top.table("texts")),
        ladder=tuple(_rungs(top)),
    )
    top.done()
    return template


def _rubric(table: Table) -> Iterator[RubricSpec]:
    for subject in Subject:
        for number, row in enumerate(table.tables(subject.value), 1):
            yield RubricSpec(
                subject, number, row.text("name", 40), row.text("text", 200, ""), row.text("central_name", 40)
            )
    table.done()


def _phases(top: Table) -> Iterator[PhaseSpec]:
    rows = list(top.get("phases", list))
    begins: dt.date | None = None
    for number, row in enumerate(top.tables("phases"), 1):
        phase = _phase(row, number, is_last=number == len(rows))
        if begins is not None and phase.starts_on < begins:
            raise row.fault("starts_on", "时段须按开始日期先后排列")
        begins = phase.starts_on
        yield phase


def _phase(row: Table, number: int, *, is_last: bool) -> PhaseSpec:
    starts_on = row.date("starts_on")
    ends_on = row.date("ends_on") if not is_last or "ends_on" in row._data else None
    if ends_on is not None and ends_on < starts_on:
        raise row.fault("ends_on", "结束日期不能早于开始日期")
    return PhaseSpec(
        number=number,
        name=row.text("name", 60),
        starts_on=starts_on,
        ends_on=ends_on,
        ends_note=row.text("ends_note", 60, "") if ends_on is None else "",
        windows=_keyed(row, [_window(window, starts_on) for window in row.tables("windows")]),
        obligations=_keyed(
            row,
            [
                _obligation(line, starts_on, has_end=ends_on is not None)
                for line in row.tables("obligations", required=False)
            ],
        ),
    )


Spec = TypeVar("Spec", WindowSpec, ObligationSpec)


def _keyed(row: Table, specs: list[Spec]) -> tuple[Spec, ...]:
    """Each with a key of its own: as written, or strand, what is expected (or the name) and which of several it is."""
    seen: Counter[str] = Counter()
    found = []
    for spec in specs:
        kind = f"{spec.strand}:{getattr(spec, 'expects', '') or spec.name}"
        seen[kind] += 1
        found.append(replace(spec, key=spec.key or f"{kind}:{seen[kind]}"))
    if len({spec.key for spec in found}) < len(found):
        raise row.fault("key", "同一时段中的 key 不能重复")
    return tuple(found)


def _window(row: Table, phase_starts: dt.date) -> WindowSpec:
    window = WindowSpec(
        Strand(row.choice("strand", Strand.values)),
        _name(row),
        row.date("opens_on"),
        row.date("closes_on"),
        key=row.text("key", 40, ""),
    )
    if window.opens_on < phase_starts:
        raise row.fault("opens_on", "不能早于所在时段的开始日期")
    if window.closes_on < window.opens_on:
        raise row.fault("closes_on", "不能早于 opens_on")
    return window


def _obligation(row: Table, phase_starts: dt.date, *, has_end: bool) -> ObligationSpec:
    anchor = row.choice("anchor", Anchor.values, Anchor.DATE)
    due_on = row.date("due_on") if anchor == Anchor.DATE else None
    opens_on = row.date("opens_on") if "opens_on" in row else None
    if opens_on is not None and opens_on < phase_starts:
        raise row.fault("opens_on", "不能早于所在时段的开始日期")
    if opens_on is not None and due_on is not None and due_on < opens_on:
        raise row.fault("due_on", "不能早于 opens_on")
    if due_on is not None and due_on < phase_starts:
        raise row.fault("due_on", "不能早于所在时段的开始日期")
    if anchor == Anchor.PHASE_END and not has_end:
        raise row.fault("anchor", "这个时段没有结束日期，应为 date 或 phase_start")
    offset: int = row.get("offset", int, 0 if anchor == Anchor.DATE else None)
    if not (0 if anchor == Anchor.PHASE_START else -366) <= offset <= 366:
        raise row.fault("offset", "超出范围：时段开始后 0 至 366 天，时段结束前后各 366 天")
    return ObligationSpec(
        name=_name(row),
        due_on=due_on,
        opens_on=opens_on,
        strand=row.choice("strand", Strand.values, ""),
        expects=row.text("expects", 30, ""),
        anchor=anchor,
        offset=offset,
        unit=row.choice("unit", Unit.values, Unit.DAYS),
        kinds=row.choices("kinds", Kind.values),
        posts=row.choices("posts", Post.values),
        exempts=row.choices("exempts", ExemptCase.values),
        forbids=row.choices("forbids", list(Obligation.FORBIDDABLE)),
        key=row.text("key", 40, ""),
    )


def _name(row: Table) -> str:
    name = row.text("name", 60)
    try:
        name.format(year=2010, half="下半年", quarter="三")
    except (KeyError, IndexError, ValueError) as error:
        raise row.fault("name", "花括号中只能写 year、half 或 quarter") from error
    return name


def _rungs(top: Table) -> Iterator[dict[str, Any]]:
    """Each audience is told at most once a day."""
    seen = set[tuple[int, str]]()
    for row in top.tables("ladder", required=False):
        days, to = row.get("days", int), row.choice("to", Audience.values)
        if not -60 <= days <= 60:
            raise row.fault("days", f"应为 -60 至 60 的整数，现为 {days}")
        if (days, to) in seen:
            raise row.fault("days", "同一天对同一对象重复")
        seen.add((days, to))
        yield {"days": days, "to": to, "urgent": row.get("urgent", bool, False)}


def _scales(table: Table) -> dict[str, Any]:
    scales = {}
    for key, _ in table.items():
        scale = table.table(key)
        rows = (
            {"bands": list(_bands(scale))}
            if "bands" in scale
            else {"options": [_option(o) for o in scale.tables("options")]}
        )
        scales[key] = {"name": scale.text("name", 40), **rows}
        scale.done()
    return scales


def _bands(scale: Table) -> Iterator[dict[str, Any]]:
    """Every whole score from 0 to 100 falls into one band: lower bounds go down, the last one is 0."""
    above = 101
    names = set[str]()
    for row in scale.tables("bands"):
        name, above = row.text("name", 20), _lower(row, above)
        if name in names:
            raise row.fault("name", f"“{name}”重复")
        names.add(name)
        yield {"name": name, "least": above}
    if above != 0:
        raise scale.fault("bands", "最后一档须从 0 分起")


def _lower(row: Table, above: int) -> int:
    least: int = row.get("least", int)
    if not 0 <= least < above:
        raise row.fault("least", f"应为 0 至 {above - 1} 的整数，从高到低排列，现为 {least}")
    return least


def _option(row: Table) -> dict[str, Any]:
    return {
        "name": row.text("name", 20),
        "score": row.get("score", int),
        "counts": row.get("counts", bool, True),
        "satisfied": row.get("satisfied", bool, False),
    }


def _texts(table: Table) -> dict[str, str]:
    return {key: table.text(key, 500) for key, _ in table.items()}
