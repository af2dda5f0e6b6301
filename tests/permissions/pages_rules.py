"""What each role must be answered on the pages of a campaign's rules."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import FORBIDDEN, LOGIN, Case, holder_of, never, signed_in
from tests.permissions.oracle import Who
from tests.permissions.world import World


def _nobody(who: Who) -> int:
    return FORBIDDEN if who.signed_in else LOGIN


def rules_pages(world: World) -> Iterator[Case]:
    found = world.extra["rules"]
    campaign, rule = {"pk": found["campaign"].pk}, {"obligation": found["rule"].pk}
    yield Case("campaigns:rules", signed_in, never, campaign)
    yield Case("campaigns:obligation", signed_in, never, campaign | rule)
    office = holder_of("campaign", "city")
    for name, kwargs in [
        ("phase_edit", {"number": found["rule"].phase.number}),
        ("window", {"window": found["window"].pk}),
        ("obligation_change", rule),
        ("rung_new", {}),
        ("rung", {"number": 0}),
        ("rung_remove", {"number": 0}),
        ("texts", {}),
        ("template", {}),
    ]:
        yield Case(f"campaigns:{name}", office, office, campaign | kwargs)
    # at the root it is the rule itself, and a branch has nobody below it
    for place, answer in [
        ("city", _nobody),
        ("committee", holder_of("vary", "committee")),
        ("branch", _nobody),
    ]:
        here = campaign | rule | {"organization": world.places[place].pk}
        asked = {"due_on": "2010-09-20", "opens_on": "2010-07-01", "confirm": "1"}
        yield Case("campaigns:vary", answer, answer, here, data=asked, about=place)
        yield Case("campaigns:restore", answer, answer, here, data={"confirm": "1"}, about=place)
