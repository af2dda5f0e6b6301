"""Makes the text of one pledge from the phrases."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from chuangxian.demo.phrases import GENERAL, TITLES, TRADES, Phrase
from organizations.models import Organization

DIRECTIONS = (
    ["superior", "masses"],
    ["superior", "masses"],
    ["masses"],
    ["superior", "organization", "masses"],
)


def pledge_text(
    organization: Organization,
    categories: dict[int, int],
    responsible: list[str],
    due: tuple[dt.date, dt.date],
    random: Random,
) -> dict[str, Any]:
    """A text as ``pledges.texts`` has it. ``categories``: rubric number -> id; ``due``: first and last possible day."""
    number = random.choice(list(categories))
    return {
        "title": random.choice(TITLES[number]),
        "category": categories[number],
        "directions": random.choice(DIRECTIONS),
        "aim": "",
        "items": [
            _item(phrase, responsible, due, random) for phrase in _phrases(organization, number, random)
        ],
    }


def _phrases(organization: Organization, number: int, random: Random) -> list[Phrase]:
    """Two or three of the category, one of the trade, sometimes one of another category; all different."""
    own = [p for word, lines in TRADES.items() if word in organization.name for n, p in lines if n == number]
    chosen = random.sample(GENERAL[number], random.randint(2, 3)) + own[:1]
    if random.random() < 0.5:
        chosen.append(random.choice(GENERAL[1 + number % 5]))
    return chosen


def _item(
    phrase: Phrase, responsible: list[str], due: tuple[dt.date, dt.date], random: Random
) -> dict[str, str]:
    figures = {letter: random.randint(*bounds) for letter, bounds in phrase.ranges.items()}
    return {
        "key": f"{random.getrandbits(48):012x}",
        "content": phrase.content.format(**figures),
        "measures": phrase.measures.format(**figures),
        "responsible": random.choice(responsible),
        "due_on": _due(due, random).isoformat(),
        "baseline": phrase.baseline.format(**figures),
        "target": phrase.target.format(**figures),
        "unit": phrase.unit,
    }


def _due(due: tuple[dt.date, dt.date], random: Random) -> dt.date:
    """The end of a month in between."""
    first, last = due
    days = (first + dt.timedelta(offset) for offset in range((last - first).days + 1))
    return random.choice([day for day in days if (day + dt.timedelta(1)).day == 1])
