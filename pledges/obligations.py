"""What a campaign may expect of organizations here (应办事项): plans, pledges of two kinds, a word each quarter.

Done is what was filed and is not back for correction; a superior who takes time makes nobody late. Returned (退回) is
what a superior sent back, with a reason; what an organization took back itself (收回) is merely not done.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Case, Count, DateField, F, Max, Q, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from campaigns.expectations import Expectation, register
from campaigns.models import Obligation, Phase
from organizations.kinds import FILES_PLEDGES, HOLDS_MEMBERS
from organizations.models import Organization
from pledges.flow import IN_FORCE, ItemState
from pledges.models.fulfilment import quarter_of
from pledges.queries.rosters import IS_GIVEN, IS_NOT_EXEMPT, IS_SENT_BACK, placed, pledging

# An organization with several plans or pledges in a phase has done it with the first of them that was filed. Items are
# those of what is filed: while a text is corrected nobody counts them with every save.
_PLANS = """
    SELECT p.organization_id,
        min((p.submitted_at AT TIME ZONE %s)::date) FILTER (WHERE p.state NOT IN ('draft', 'returned')),
        count(*) FILTER (WHERE p.state = 'returned' AND p.return_reason <> ''), 1,
        max((p.state NOT IN ('draft', 'returned'))::int), 0, 0
    FROM pledges_plan p WHERE p.phase_id = %s {only} GROUP BY p.organization_id
"""
_PLEDGES = """
    SELECT p.organization_id,
        min((p.submitted_at AT TIME ZONE %s)::date) FILTER (WHERE p.state NOT IN ('draft', 'returned')),
        count(*) FILTER (WHERE p.state = 'returned' AND p.return_reason <> ''), 1,
        max((p.state NOT IN ('draft', 'returned'))::int), COALESCE(sum(i.items), 0), COALESCE(sum(i.fulfilled), 0)
    FROM pledges_pledge p LEFT JOIN LATERAL (
        SELECT count(*) AS items, count(*) FILTER (WHERE j.result = 'fulfilled') AS fulfilled
        FROM pledges_pledgeitem i LEFT JOIN pledges_judgement j ON j.item_id = i.id AND j.source = 'superior'
        WHERE i.pledge_id = p.id AND p.state NOT IN ('draft', 'returned')
    ) AS i ON true
    WHERE p.member_id IS NULL AND p.phase_id = %s {only} GROUP BY p.organization_id
"""
# Of the items whose progress can be told (``pledges.queries.fulfilment.in_force``); one told of as done earlier, or whose
# result is reported, needs no further word.
_QUARTER = """
    SELECT organization_id, CASE WHEN bool_and(told_on IS NOT NULL) THEN max(told_on) END,
        0, count(*), count(told_on), count(*), 0
    FROM (
        SELECT p.organization_id, i.id,
            COALESCE(
                max((g.recorded_at AT TIME ZONE %s)::date)
                    FILTER (WHERE g.quarter = %s OR g.quarter < %s AND g.status = 'done'),
                max((j.recorded_at AT TIME ZONE %s)::date)) AS told_on
        FROM pledges_pledge p JOIN pledges_pledgeitem i ON i.pledge_id = p.id
        LEFT JOIN pledges_progress g ON g.item_id = i.id
        LEFT JOIN pledges_judgement j ON j.item_id = i.id AND j.source = 'self'
        WHERE p.member_id IS NULL AND p.phase_id = %s AND p.state = ANY(%s) AND i.state = %s {only}
        GROUP BY p.organization_id, i.id
    ) AS told GROUP BY organization_id
"""
_ONLY = " AND p.organization_id = ANY(%s)"
Sql = tuple[str, list[Any]]


def _simple(sql: str) -> Any:
    def facts(obligation: Obligation, only: list[int] | None) -> Sql:
        values: list[Any] = [settings.TIME_ZONE, obligation.phase_id]
        return _narrowed(sql, values, only)

    return facts


def _narrowed(sql: str, values: list[Any], only: list[int] | None) -> Sql:
    return sql.format(only="" if only is None else _ONLY), values if only is None else [*values, only]


def _quarterly(obligation: Obligation, only: list[int] | None) -> Sql:
    quarter = quarter_of(obligation.due_on)
    kept = [sorted(state.value for state in IN_FORCE), ItemState.APPROVED.value]
    zone = settings.TIME_ZONE
    values: list[Any] = [zone, quarter, quarter, zone, obligation.phase_id, *kept]
    return _narrowed(_QUARTER, values, only)


def _of_members(obligation: Obligation, only: list[int] | None) -> Sql:
    """As the branch's roster counts them (``pledges.queries.rosters``)."""
    if only is None:
        people = placed(obligation.phase)
    else:
        people = pledging(obligation.phase, Organization.objects.filter(pk__in=only))
    filed = Coalesce(TruncDate("this_pledge__submitted_at"), TruncDate("this_exemption__recorded_at"))
    rows = (
        people.order_by()
        .values("place")
        .annotate(
            wanted=Count("pk", filter=IS_NOT_EXEMPT),
            got=Count("pk", filter=IS_NOT_EXEMPT & IS_GIVEN),
            returned=Count("pk", filter=IS_SENT_BACK),
            last=Max(filed, filter=IS_NOT_EXEMPT & IS_GIVEN),
            nothing=Value(0),
        )
        .annotate(
            done_on=Case(When(Q(wanted=F("got")), then=F("last")), default=None, output_field=DateField())
        )
    )
    columns = rows.values_list("place", "done_on", "returned", "wanted", "got", "nothing", "nothing")
    sql, params = columns.query.sql_with_params()
    return sql, list(params)


def _page(name: str, *, by_place: bool = False) -> Any:
    def url(organization: int, phase: Phase) -> str:
        return (
            reverse(name, args=[organization]) if by_place else f"{reverse(name)}?organization={organization}"
        )

    return url


# All that makes filed what was not, or the other way round (tests/architecture/test_every_step_is_counted.py).
_FILING = ("submit", "return", "reconsider", "recall", "hand_over")
_JUDGING = ("judge", "take_back_judgement")
# All that puts a pledge in force, takes it out of force, or changes its items while it is.
_KEEPING = ("approve", "reconsider", "propose", "recall", "withdraw", "change", "hand_over")
EXPECTATIONS = (
    Expectation(
        code="plan",
        label="活动方案",
        kinds=FILES_PLEDGES,
        permission="pledges.submit_plan",
        prepare="pledges.edit_plan",
        facts=_simple(_PLANS),
        url=_page("pledges:plan_new"),
        on=frozenset(f"plan.{verb}" for verb in _FILING),
    ),
    Expectation(
        code="pledge",
        label="党组织承诺",
        kinds=FILES_PLEDGES,
        permission="pledges.submit_pledge",
        prepare="pledges.edit_pledge",
        facts=_simple(_PLEDGES),
        url=_page("pledges:new"),
        on=frozenset(
            [
                *(f"pledge.{verb}" for verb in (*_FILING, "change")),
                *(f"pledgeitem.{verb}" for verb in _JUDGING),
            ]
        ),
    ),
    Expectation(
        code="member_pledge",
        label="党员承诺",
        kinds=HOLDS_MEMBERS,
        permission="pledges.submit_member_pledge",
        prepare="pledges.edit_member_pledge",
        facts=_of_members,
        url=_page("pledges:entry", by_place=True),
        counts="人",
        on=frozenset(
            [
                *(f"pledge.{verb}" for verb in (*_FILING, "discard")),
                *("exemption.record", "exemption.lift"),
                *(f"member.{verb}" for verb in ("add", "edit", "transfer", "leave")),
            ]
        ),
    ),
    Expectation(
        code="quarter",
        label="季度进展",
        kinds=FILES_PLEDGES,
        permission="pledges.submit_pledge",
        prepare="pledges.edit_pledge",
        facts=_quarterly,
        url=_page("pledges:fulfilment_at", by_place=True),
        counts="项",
        on=frozenset(
            [
                *(f"pledgeitem.{verb}" for verb in ("progress", *_JUDGING)),
                *(f"pledge.{verb}" for verb in _KEEPING),
            ]
        ),
    ),
)
for each in EXPECTATIONS:
    register(each)
