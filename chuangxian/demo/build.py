"""Everything the demo shows, in one transaction: all of it or nothing, so a killed first start leaves no half city."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db import transaction

from campaigns import services as campaigns
from campaigns.models import Assignment, Campaign, Obligation, Phase
from campaigns.services.assignments import refresh_phase
from campaigns.shifting import add_months
from campaigns.template_files import CampaignTemplate, find
from chuangxian.demo.clock import at, moment
from chuangxian.demo.filing import file_phase
from chuangxian.demo.history import live_through
from chuangxian.demo.keeping import keep_round
from chuangxian.demo.members import file_members
from chuangxian.demo.now import live_now
from chuangxian.demo.organizations import build_organizations
from chuangxian.demo.people import Cast, build_people
from chuangxian.demo.planning import plan_phase
from chuangxian.demo.rounds import close
from chuangxian.demo.summing_up import sum_up
from organizations.models import Organization

SEED = 20100819
TEMPLATE = "chuangxian-2010"
CONGRESS = dt.date(2012, 11, 8)  # the open end of the first campaign: 党的十八大 opened
ARCHIVE_NAME = "2010—2012年创先争优活动"
# Today lies in the second month of the second phase: pledges are open, one phase is past, one to come.
MONTHS_RUNNING = 8
ARCHIVE_SHARES = (0.78, 0.9, 0.96)  # of the organizations that owe a pledge, phase by phase
FIRST_PHASE_SHARE = 0.87
UNREPORTED_SHARE = 0.006  # of the items of the current campaign's first phase: 到期未报


def is_built() -> bool:
    return Organization.objects.exists()


@transaction.atomic
def build(today: dt.date) -> None:
    random = Random(SEED)  # noqa: S311 -- to be the same every time is the point
    places = build_organizations()
    cast = build_people(places, random, today)
    live_through(places, cast.office, today)
    build_archive(cast, random)
    current = build_current(cast, random, today)
    live_now(current, cast, random, today)
    for phase in Phase.objects.select_related("campaign"):
        refresh_phase(phase)  # most of the city was written without the steps that count
        sum_up(phase, cast, today)


def build_archive(cast: Cast, random: Random) -> Campaign:
    """The campaign of 2010-2012 on its real dates: three rounds, ever more organizations, each kept and archived."""
    template = _template()
    with at(moment(template.starts_on)):
        archive = campaigns.create_from_template(
            template, name=ARCHIVE_NAME, starts_on=template.starts_on, by=cast.office
        )
    # most branches kept their members' pledges on paper then: dates to know of, not counted
    on_paper = Obligation.objects.filter(phase__campaign=archive, expects="member_pledge")
    Assignment.objects.filter(obligation__in=on_paper).delete()
    on_paper.update(expects="")
    for phase, share in zip(archive.phases.order_by("number"), ARCHIVE_SHARES, strict=True):
        plan_phase(phase, cast, random)
        file_phase(phase, cast, share, random)
        file_members(phase, cast, random)
        keep_round(phase, cast, random)
        if phase.ends_on:
            close(phase, cast)
    with at(moment(CONGRESS)):
        campaigns.close(archive, on=CONGRESS, by=cast.office)
    close(phase, cast, as_of=CONGRESS)  # the last one, whose end was open
    return archive


def build_current(cast: Cast, random: Random, today: dt.date) -> Campaign:
    """The campaign that runs today, from the same template; its first round is over and
    not closed yet: results are still being reported, judged and graded.
    """
    template, starts_on = _template(), current_start(today)
    with at(moment(starts_on)):
        current = campaigns.create_from_template(
            template, name=f"{starts_on.year}年{template.name}", starts_on=starts_on, by=cast.office
        )
    first = current.phases.get(number=1)
    plan_phase(first, cast, random)
    file_phase(first, cast, FIRST_PHASE_SHARE, random)
    file_members(first, cast, random)
    keep_round(first, cast, random, unreported=UNREPORTED_SHARE, silent="dangyuan")
    return current


def current_start(today: dt.date) -> dt.date:
    return add_months(today.replace(day=1), -MONTHS_RUNNING)


def _template() -> CampaignTemplate:
    template = find(TEMPLATE)
    if template is None:
        raise LookupError(f"campaign template {TEMPLATE} is missing")
    return template
