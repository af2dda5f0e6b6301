"""Names that differ in one sign, and names that resemble one that was not found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

# 第一支部 and 第二支部, 城东 and 城西 are meant to differ in one sign.
_COUNTED = frozenset(
    "0123456789〇零一二三四五六七八九十百甲乙丙丁东西南北中上下左右前后内外大小新老ABCDEFGHabcdefgh"
)


def pairs_one_sign_apart(names: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Pairs of labels whose names differ by one sign put in, left out or exchanged, numerals aside."""
    by_rest: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for label, name in names:
        for rest in {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}:
            by_rest[rest].append((label, name))
    seen = set()
    for group in by_rest.values():
        if len(group) > 50:
            continue
        for index, (left, left_name) in enumerate(group):
            for right, right_name in group[index + 1 :]:
                pair = (min(left, right), max(left, right))
                if left != right and pair not in seen and _is_slip(left_name, right_name):
                    seen.add(pair)
                    yield pair


def _is_slip(left: str, right: str) -> bool:
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    if len(left) == len(right):
        rest_left, rest_right, signs = left[start + 1 :], right[start + 1 :], left[start] + right[start]
    else:
        longer, shorter = (left, right) if len(left) > len(right) else (right, left)
        rest_left, rest_right, signs = longer[start + 1 :], shorter[start:], longer[start]
    return rest_left == rest_right and not _COUNTED & set(signs)


def resembling(wanted: Iterable[str], names: Iterable[str], most: int = 3) -> dict[str, list[str]]:
    """For each wanted name those of ``names`` that share most of its 2-grams. One pass over ``names``."""
    grams = {name: _grams(name) for name in wanted}
    by_gram: dict[str, list[str]] = defaultdict(list)
    for name, its in grams.items():
        for gram in its:
            by_gram[gram].append(name)
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for candidate in names:
        shared: dict[str, int] = defaultdict(int)
        its = _grams(candidate)
        for gram in its:
            for name in by_gram.get(gram, ()):
                shared[name] += 1
        for name, count in shared.items():
            score = count / len(its | grams[name])
            if score >= 0.45:
                found[name].append((-score, candidate))
    return {name: [candidate for _, candidate in sorted(scored)[:most]] for name, scored in found.items()}


def _grams(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(max(1, len(name) - 1))}
