"""What was promised for the lists, held against what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
MAX_QUERIES = 3
SCOPE_SQL_MS, ROOT_COUNT_MS = 30, 100
GROWTH = 1.5
TIMES_FASTER = 50
SEARCH_MS = 20
SERVED = 0.08


def verdicts(rows: list[Row]) -> Iterator[Row]:
    for scale in dict.fromkeys(row["scale"] for row in rows):
        own = [row for row in rows if row["scale"] == scale]
        yield from _of_scale(scale, own)
    yield from _growth(rows)


def _of_scale(scale: str, rows: list[Row]) -> Iterator[Row]:
    whole = _named(rows, "list, ", ": posts, page and badge")
    yield _verdict(scale, f"scope, page and count in at most {MAX_QUERIES} queries",
                   max(row["queries"] for row in whole), lambda n: n <= MAX_QUERIES)  # fmt: skip
    scope = _named(rows, "list, ", "")
    slowest = max(row["sql_ms"] for row in scope if row not in whole)
    yield _verdict(scale, f"slowest scope SQL under {SCOPE_SQL_MS} ms", slowest,
                   lambda ms: ms < SCOPE_SQL_MS)  # fmt: skip
    root = max(row["sql_ms"] for row in _named(rows, "exact count, root", ""))
    yield _verdict(
        scale,
        f"the root's exact count under {ROOT_COUNT_MS} ms (pages ask for 1000+)",
        root,
        lambda ms: ms < ROOT_COUNT_MS,
    )
    if scale == "l":
        leaf = next(row["ratio_to_stock"] for row in rows if row["name"] == "list, leaf: page")
        yield _verdict(
            scale,
            f"a leaf's page at least {TIMES_FASTER} times faster than stock",
            round(1 / leaf, 1),
            lambda times: times >= TIMES_FASTER,
        )
    search = max(row["ms"] for row in _named(rows, "search ", ""))
    yield _verdict(scale, f"a page of search results under {SEARCH_MS} ms", search, lambda ms: ms < SEARCH_MS)
    for row in _named(rows, "/pledges/ served", ""):
        yield _verdict(scale, f"the served list reaches {SERVED} of the bare view's rate", row["ratio_to_bare"],
                       lambda share: share >= SERVED)  # fmt: skip


def _growth(rows: list[Row]) -> Iterator[Row]:
    page = {row["scale"]: row["ms"] for row in rows if row["name"] == "list, leaf: page"}
    if {"s", "l"} <= page.keys():
        yield _verdict("s-l", f"a leaf's page grows less than {GROWTH} times", round(page["l"] / page["s"], 2),
                       lambda times: times < GROWTH)  # fmt: skip


def _named(rows: list[Row], start: str, end: str) -> list[Row]:
    return [row for row in rows if row["name"].startswith(start) and row["name"].endswith(end)]


def _verdict(scale: str, goal: str, measured: float, is_reached: Callable[[float], bool]) -> Row:
    nothing = dict.fromkeys(("ms", "queries", "ratio_to_bare", "ratio_to_stock"))
    verdict = "pass" if is_reached(measured) else "miss"
    return {"name": f"goal: {goal}", "scale": scale, **nothing, "measured": measured, "verdict": verdict}


ENTRY_QUERIES = 40
COMPARE_SECONDS, COMPARED = 120, 60_000
NEW_ITEM_MS = 50
BATCHES = ("submit_all", "vet_all", "propose_all", "clear_all", "publish_all")


def verdicts_on_pledges(rows: list[Row]) -> Iterator[Row]:
    for scale in dict.fromkeys(row["scale"] for row in rows):
        own = [row for row in rows if row["scale"] == scale]
        yield from _of_batches(scale, own)
        yield from _of_hints(scale, own)
        search = max(row["ms"] for row in _named(own, "search ", ""))
        yield _verdict(scale, f"a page of search results under {SEARCH_MS} ms", search,
                       lambda ms: ms < SEARCH_MS)  # fmt: skip


def _of_batches(scale: str, rows: list[Row]) -> Iterator[Row]:
    for name in BATCHES:
        few, many = (row["queries"] for row in _named(rows, name, ""))
        yield _verdict(scale, f"{name} asks the same number of queries for few and for many", many - few,
                       lambda more: more <= 0)  # fmt: skip
    entry = _named(rows, "entry of ", "")[-1]
    each = entry["queries"] / int(entry["name"].split()[2])
    yield _verdict(scale, f"at most {ENTRY_QUERIES} queries to enter a member", round(each, 1),
                   lambda queries: queries <= ENTRY_QUERIES)  # fmt: skip


def _of_hints(scale: str, rows: list[Row]) -> Iterator[Row]:
    first = _named(rows, "compare ", "first time")[0]
    if first["items"] >= COMPARED:
        seconds = first["ms"] / 1000 * COMPARED / first["items"]
        yield _verdict(scale, f"{COMPARED} items compared in under {COMPARE_SECONDS} s, in proportion", round(seconds, 1),
                       lambda took: took < COMPARE_SECONDS)  # fmt: skip
    new = _named(rows, "the twin of one new item", "")[0]["ms"]
    yield _verdict(
        scale, f"the twin of a new item in under {NEW_ITEM_MS} ms", new, lambda ms: ms < NEW_ITEM_MS
    )
