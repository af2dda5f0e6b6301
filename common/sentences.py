"""What an event says in plain Chinese. Each app words its own kinds; whoever shows the audit asks here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.models import Event

Words = Callable[[Event], str]
_words: dict[str, tuple[str, Words]] = {}
_placeless: set[str] = set()


def word(subject: str, labels: Mapping[str, str], *, has_place: bool = True) -> None:
    """``word("pledge", {"submit": "报送承诺"})``: a short label per verb; it is also the sentence.

    ``has_place=False``: such events happen at no organization (signing in), and no list by place has them.
    """
    for verb, label in labels.items():
        if not has_place:
            _placeless.add(f"{subject}.{verb}")
        _words[f"{subject}.{verb}"] = (label, lambda event, label=label: f"{label}：{event.subject_name}")  # type: ignore[misc]


def worded(kind: str, label: str) -> Callable[[Words], Words]:
    """Decorates a function that words one kind of event from its before and after."""

    def register(words: Words) -> Words:
        _words[kind] = (label, words)
        return words

    return register


def label_of(kind: str) -> str:
    """更名, 报送承诺; the kind itself when nobody worded it."""
    return _words[kind][0] if kind in _words else kind


def labels() -> dict[str, str]:
    """kind -> label, of every worded kind that happens at an organization: the choices of a filter."""
    return {kind: label for kind, (label, _) in _words.items() if kind not in _placeless}


def is_worded(kind: str) -> bool:
    return kind in _words


def sentence(event: Event) -> str:
    found = _words.get(event.kind)
    return found[1](event) if found else f"{event.subject_name}（{event.kind}）"


word("delivery", {"revive": "重新投递死信", "dismiss": "放弃投递死信"}, has_place=False)
word("failedtask", {"dismiss": "清除失败任务的记录"}, has_place=False)
