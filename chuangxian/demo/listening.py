"""群众意见 on what is public in the running campaign: waiting, late, answered, passed on, closed. By the services.

Query codes go to nobody: each is forgotten where it is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

from django.utils import timezone

from campaigns.models import Phase
from chuangxian.demo.changing import to_be_replaced
from chuangxian.demo.clock import moment
from chuangxian.demo.keeping_phrases import CLOSE_REMARK, FORWARD_REASON, OPINIONS
from chuangxian.demo.moves import Move
from chuangxian.demo.people import HANDOVER_AT, Cast
from common.workdays import add_workdays
from organizations.models import Organization
from pledges.models import CloseReason, MassView, Opinion, Publication
from pledges.services import opinions

ACCOUNTS_PLACE = "中共吴江市财政局机关第一支部委员会"
FORWARDED_TO = "中共吴江市财政局机关委员会"
# (how many days ago it came in, what became of it, ...)
FATES: tuple[tuple[int, str], ...] = (
    (2, "waits_at_account"),
    (9, "waits_at_account"),
    (1, "waits"),
    (3, "waits"),
    (5, "waits"),
    (12, "waits"),
    (13, "waits"),
    (34, "waits"),  # 逾期: ten working days are over, whatever the holidays
    (41, "waits"),
    (7, "forwarded"),
    (10, "forwarded"),
    *((days, "answered") for days in (8, 15, 22, 30, 37)),
    *((days, "published") for days in (11, 18, 20, 25, 29, 36, 44)),
    (16, "closed"),
    (27, "closed"),
)


def opinion_moves(phase: Phase, cast: Cast, random: Random, today: dt.date) -> list[Move]:
    publications = Publication.objects.published().of_pledges().filter(phase__campaign=phase.campaign_id)
    publications = publications.select_related("organization").order_by("pk").defer("body", "tokens")
    at_account = publications.filter(organization__name=ACCOUNTS_PLACE)
    others = publications.of_organizations().exclude(organization__name__in=[ACCOUNTS_PLACE, HANDOVER_AT])
    others = others.exclude(pk__in=[each.pk for each in to_be_replaced(phase)])
    pools = {
        "waits_at_account": list(at_account.order_by("matter", "-pk")),
        "": list(others.filter(organization__parent__in=cast.secretary)),
    }
    found: list[Move] = []
    for number, (days, fate) in enumerate(FATES):
        day = today - dt.timedelta(days=days)
        pool = [p for p in pools.get(fate, pools[""]) if timezone.localdate(p.published_at) < day]
        told = Telling(random.choice(pool), number, fate, cast)
        found += told.moves(day, today, random)
    return found


class Telling:
    """One opinion from the moment it comes in."""

    def __init__(self, publication: Publication, number: int, fate: str, cast: Cast) -> None:
        self.publication, self.number, self.fate, self.cast = publication, number, fate, cast
        self.text, self.answer = OPINIONS[number % len(OPINIONS)]
        self.opinion: Opinion

    def moves(self, day: dt.date, today: dt.date, random: Random) -> Iterator[Move]:
        came = moment(day, random.randint(8, 20), random.randint(0, 50))
        yield Move(came, self.receive)
        yield Move(came + dt.timedelta(minutes=9), lambda: opinions.announce(day))
        next_day = add_workdays(day, random.randint(1, 4))
        for nth, step in enumerate(self._steps()):
            when = moment(next_day, 10 + nth * 2, random.randint(0, 59))
            yield Move(min(when, timezone.now() - dt.timedelta(minutes=30)), step)
        late = add_workdays(day, 10) + dt.timedelta(days=1)
        if self.fate == "waits" and late < today:
            yield Move(moment(late, 7), lambda: opinions.note_overdue(late))

    def _steps(self) -> list[object]:
        return {
            "answered": [self.reply],
            "published": [self.reply, self.publish],
            "closed": [self.close],
            "forwarded": [self.forward],
        }.get(self.fate, [])

    def receive(self) -> None:
        view = [*MassView.values, ""][self.number % 5]
        item = 1 if self.number % 3 else None
        name, reach = ("沈女士", f"1390000{7000 + self.number}") if self.number % 4 == 0 else ("", "")
        self.opinion, _ = opinions.receive(
            self.publication, text=self.text, item_number=item, view=view, name=name, reach=reach
        )

    @property
    def _own(self) -> object:
        return self.cast.secretary[self.opinion.organization_id]

    def reply(self) -> None:
        self.opinion = opinions.answer(self.opinion, self.answer, version=self.opinion.version, by=self._own)

    def publish(self) -> None:
        opinions.publish(self.opinion, with_text=bool(self.number % 2), by=self._own)

    def close(self) -> None:
        opinions.close(self.opinion, CloseReason.REPEATED, remark=CLOSE_REMARK, by=self._own)

    def forward(self) -> None:
        to = Organization.objects.get(name=FORWARDED_TO)
        opinions.forward(self.opinion, to, reason=FORWARD_REASON, by=self._own)
