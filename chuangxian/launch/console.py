"""What the launcher says: one line each, Chinese and English."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence


class LaunchError(RuntimeError):
    """It cannot go on. The message is one line and says what to do."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese} / {english}")


def say(chinese: str, english: str) -> None:
    sys.stderr.write(f"[run] {chinese} / {english}\n")
    sys.stderr.flush()


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as aligned columns, two blanks apart."""
    rows = [tuple(row) for row in rows]
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"  {line.rstrip()}" for line in lines)
