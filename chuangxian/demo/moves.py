"""What happens one after the other: each at its moment, by its service, and whoever is concerned is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chuangxian.demo.clock import at
from common import events


@dataclass(frozen=True, slots=True)
class Move:
    when: dt.datetime
    take: Callable[[], object]


def take_all(moves: Iterable[Move]) -> None:
    for move in sorted(moves, key=lambda move: move.when):
        with at(move.when):
            move.take()
            events.relay()
