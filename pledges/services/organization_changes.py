"""What a change of an organization brings about for its pledges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase
from campaigns.services.assignments import refresh_places
from common.events import record
from organizations.models import Organization
from pledges import texts
from pledges.flow import UNFINISHED
from pledges.models import Exemption, Pledge
from pledges.services.handing_over import as_handed_over, count_where_it_was
from pledges.services.open_rounds import hold
from pledges.services.writing import make_searchable


@transaction.atomic
def hand_over(organization: Organization, into: Organization, *, by: Any, reason: str) -> list[Pledge]:
    """转由并入后的党组织办理: what is unfinished goes to ``into``, in the state and with the text it has.

    What has been public or belongs to a closed round stays: it is the history of ``organization``. Who is exempt
    (豁免) in a running round stays so at ``into``. Returns those handed over; called
    again it finds none. ``by`` is whoever merged the two (asked for the right to, then and there).
    """
    hold()
    unfinished = Pledge.objects.filter(
        organization=organization, state__in=UNFINISHED, phase__pledge_archive=None
    )
    handed = list(unfinished.select_for_update(of=("self",)).order_by("pk"))
    for pledge in handed:
        pledge.organization, pledge.changed_at = into, timezone.now()
        make_searchable(pledge, texts.text_of(pledge))
        pledge.save(update_fields=["organization", "changed_at", "body", "tokens"])
        record(pledge, "hand_over", by=by, reason=reason, **as_handed_over(organization, into))
    running = Phase.objects.on(timezone.localdate())
    exempt = Exemption.objects.filter(organization=organization, phase__in=running)
    phases = list(exempt.values_list("phase", flat=True))
    exempt.update(organization=into)
    count_where_it_was(organization, (pledge.phase_id for pledge in handed), "pledge", "quarter")
    _count_members(organization, into, phases)
    return handed


def _count_members(organization: Organization, into: Organization, exempted_in: Iterable[int]) -> None:
    """Who is exempt counts with ``into`` from now on, also when they had moved on; and whoever had moved on and leaves
    a published pledge behind counts where they are (``queries.rosters``).
    """
    places = defaultdict[int, set[int]](set, {phase: {into.pk} for phase in exempted_in})
    left = organization.pledges.filter(member__left_on=None, member__isnull=False, phase__frozen_at=None)
    for phase, *at in left.values_list("phase", "member__organization", "member__receiving"):
        places[phase] |= {pk for pk in at if pk is not None}
    for phase, found in sorted(places.items()):
        refresh_places(phase, ["member_pledge"], found)


def renew_search(organization: Organization) -> None:
    """Make the pledges of ``organization`` findable by the name it has now. Published texts stay as they were."""
    for pledge in organization.pledges.select_for_update(of=("self",)).order_by("pk"):
        make_searchable(pledge, texts.text_of(pledge))
        pledge.save(update_fields=["body", "tokens"])
