"""Posts and superiors change while something is on its way: the chain re-routes it by itself, people are told.

For all that ``queries.ON_THE_WAY`` names; a further kind of filing adds its line there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from itertools import product

from django.contrib.auth import get_user_model
from django.urls import reverse

from common.events import subscribe
from common.models import Event
from common.paging import capped_counts
from notifications.services import notify
from organizations.access import MATRIX, Holding, covers, holders_of, holdings, within
from organizations.models import Organization
from organizations.posts import Post
from pledges import queries
from pledges.models import Pledge

# user -> what, and how many of it
Told = defaultdict[int, Counter[str]]


@subscribe("organization.appoint")
def tell_the_new_holder(event: Event) -> None:
    """新任: what waits is on their desk already; one notice says how much. Nothing waits: nobody is troubled."""
    said = event.after
    user = get_user_model().objects.filter(pk=said.get("user"), is_active=True).first()
    place = Organization.objects.filter(pk=event.subject_id, dissolved_on=None).first()
    key = f"{said['post']}@{event.subject_id}"
    if user is None or place is None or key not in {held.key for held in holdings(user)}:
        return  # not yet, or no more
    user.acting_key = key  # what comes with this post alone
    counts = capped_counts({each.noun: each.rows().filter(each.waiting(user)) for each in queries.ON_THE_WAY})
    waiting = {noun: number for noun, number in counts.items() if number}
    if waiting:
        notify(
            {user.pk},
            subject=f"您已任{place.label}{Post(said['post']).label}，有 {sum(waiting.values())} 件事等您办理",
            body=_listed(waiting),
            link=reverse("portal:desk"),
            key=f"post-taken-over:{event.pk}",
        )


@subscribe("organization.affiliate")
def tell_after_a_move(event: Event) -> None:
    """调整隶属关系: what the old superiors had before them is now before the new ones."""
    moved = Organization.objects.get(pk=event.subject_id)
    old = Organization.objects.filter(pk=event.before.get("superior")).first()
    _tell(event, [moved], old)


@subscribe("organization.merge")
def tell_after_a_merger(event: Event) -> None:
    """The superior was merged: its subordinates report to the successor, and what they had filed with them."""
    merged = Organization.objects.get(pk=event.subject_id)
    below = Organization.objects.filter(pk__in=event.detail.get("subordinates", []))
    _tell(event, list(below), merged)


@subscribe("pledge.hand_over")
def tell_after_a_hand_over(event: Event) -> None:
    """What the merged organization itself had filed may have another superior at the successor."""
    merged = Organization.objects.select_related("parent").get(pk=event.before["organization"])
    pledge = Pledge.objects.with_what_guards_ask().filter(pk=event.subject_id).first()
    step = queries.DUE_ABOVE.get(pledge.state) if pledge is not None else None
    if pledge is None or step is None:
        return
    asked = pledge.flow[step]
    there = _new(holders_of(asked.permission, pledge.organization), asked.permission, merged.path)
    notify(
        {
            user
            for user in get_user_model().objects.filter(pk__in=there)
            if asked.refusal(user, pledge) is None
        },
        subject=f"“{merged.label}”并入“{pledge.organization.label}”，它报送的承诺转由您办理",
        link=reverse("portal:desk"),
        key=f"handed-over:{merged.pk}",  # one notice, however many pledges
    )


def _tell(event: Event, moved: list[Organization], old: Organization | None) -> None:
    """Tell the new hands, and those who filed: each person once, with what it is and how much.

    ``moved``: what hung directly below ``old`` until then; everything below them has moved along.
    """
    approvers: Told = defaultdict(Counter)
    filers: Told = defaultdict(Counter)
    holders, person = cache(holders_of), cache(lambda pk: get_user_model().objects.get(pk=pk))
    for kind, top in product(queries.ON_THE_WAY, moved):
        for row in kind.rows().filter(within(top.path, via="organization__"), state__in=kind.due):
            step = row.flow[kind.due[row.state]]
            before = _path_below(old, top, row.organization)
            there = holders(step.permission, row.organization)
            new = _new(there, step.permission, before, with_it=top.path)
            hands = {pk for pk in new if step.refusal(person(pk), row) is None}
            for pk in hands:
                approvers[pk][kind.noun] += 1
            for pk, _ in holders(kind.file, row.organization) if hands else ():
                filers[pk][kind.noun] += 1
    _notify(event, approvers, "隶属关系变动，{number} 件报送的事项转由您办理", "rerouted-to")
    _notify(event, filers, "隶属关系变动，报送的 {number} 件事项转由新的上级办理", "rerouted-from")


def _path_below(old: Organization | None, top: Organization, place: Organization) -> str:
    """The path that ``place`` had while ``top``, at or above it, hung below ``old``."""
    above = top.path.removesuffix(f"{top.pk}.")
    return (old.path if old is not None else "") + place.path.removeprefix(above)


def _new(
    holders: list[tuple[int, Holding]], permission: str, before: str, *, with_it: str | None = None
) -> set[int]:
    """Those of ``holders`` whose post did not reach the path that was ``before``.

    Posts at and below ``with_it`` have moved along and reach what they reached.
    """
    return {
        pk
        for pk, held in holders
        if not (with_it and held.path.startswith(with_it))
        and not covers(MATRIX[permission][held.post], held.path, before)
    }


def _notify(event: Event, told: Told, subject: str, key: str) -> None:
    for pk, counts in told.items():
        notify(
            {pk} - {event.actor_id},
            subject=subject.format(number=counts.total()),
            body=_listed(counts) + (f"\n理由：{event.reason}" if event.reason else ""),
            link=reverse("portal:desk"),
            key=f"{key}:{event.pk}",
        )


def _listed(counts: dict[str, int]) -> str:
    return "；".join(f"{noun} {number} 件" for noun, number in counts.items())
