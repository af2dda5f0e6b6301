"""Two texts of one plan side by side: per field, per task, the inserted and deleted words marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, Text

# Chinese is compared sign by sign, numbers and Latin words whole: 12 → 15 is one change and not half of one
_WORDS = re.compile(r"[A-Za-z0-9.]+|\s+|.", re.DOTALL)
_MOST = 4000  # signs of a field beyond which it is shown as replaced whole


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str  # "same", "del" or "ins"
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field that differs, as it was and as it is, in pieces."""

    label: str
    old: list[Piece]
    new: list[Piece]


@dataclass(frozen=True, slots=True)
class Section:
    """The differing fields of the head, or of one task."""

    title: str
    kind: str  # "changed", "added" or "removed"
    lines: list[Line]


def differences(old: Text, new: Text, names: Mapping[str, str]) -> list[Section]:
    """What differs, in the order of the newer text; ``names`` are those of the rubric by primary key."""
    head = [
        _line(label, old[name], new[name]) for name, label in HEAD_FIELDS.items() if old[name] != new[name]
    ]
    found = [Section("总体内容", "changed", head)] if head else []
    was = {task["key"]: (n, task) for n, task in enumerate(old["tasks"], 1)}
    now = {task["key"]: (n, task) for n, task in enumerate(new["tasks"], 1)}
    for key, (number, task) in now.items():
        if key not in was:
            found.append(_whole(f"第{number}项任务", "added", task, names))
        elif section := _changed_task(was[key], (number, task), names):
            found.append(section)
    found += [
        _whole(f"原第{number}项任务", "removed", task, names)
        for key, (number, task) in was.items()
        if key not in now
    ]
    kept = [[key for key in side if key in was and key in now] for side in (was, now)]
    if kept[0] != kept[1]:
        orders = ["、".join(f"{side[key][0]}" for key in kept[1]) for side in (was, now)]
        found.append(Section("任务的顺序", "changed", [_line("序号", orders[0], orders[1])]))
    return found


def _changed_task(
    was: tuple[int, dict[str, str]], now: tuple[int, dict[str, str]], names: Mapping[str, str]
) -> Section | None:
    (before, old), (number, new) = was, now
    lines = [
        _line(label, _shown(name, old, names), _shown(name, new, names))
        for name, label in TASK_FIELDS.items()
        if old[name] != new[name]
    ]
    title = f"第{number}项任务" + (f"（原第{before}项）" if before != number else "")
    return Section(title, "changed", lines) if lines else None


def _whole(title: str, kind: str, task: dict[str, str], names: Mapping[str, str]) -> Section:
    lines = []
    for name, label in TASK_FIELDS.items():
        if shown := _shown(name, task, names):
            lines.append(_line(label, "", shown) if kind == "added" else _line(label, shown, ""))
    return Section(title, kind, lines)


def _shown(name: str, task: dict[str, str], names: Mapping[str, str]) -> str:
    return names.get(task[name], "") if name == "rubric" else task[name]


def _line(label: str, old: str, new: str) -> Line:
    return Line(label, *marked(old, new))


def marked(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Both sides in pieces: what only the old one has is "del", what only the new one has "ins"."""
    if not old or not new or len(old) + len(new) > _MOST:
        return [Piece("del", old)] if old else [], [Piece("ins", new)] if new else []
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    was, now = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        gone, come = "".join(left[a:b]), "".join(right[c:d])
        if kind == "equal":
            was.append(Piece("same", gone))
            now.append(Piece("same", come))
            continue
        was += [Piece("del", gone)] if gone else []
        now += [Piece("ins", come)] if come else []
    return was, now
