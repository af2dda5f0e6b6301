"""Who is told when members' pledges move. A branch's batch is one notice a person, not one a pledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of
from pledges.models import Pledge
from pledges.queries import DUE_ABOVE
from pledges.receivers.people import People, holders
from pledges.services import EDIT_MEMBER

NAMED = 20  # names in the text of one notice


def _writers(pledge: Pledge, event: Event) -> set[int]:
    """Who of the branch wrote it and may still correct it; everyone there who may, when nobody of them is left."""
    may_edit = {pk for pk, _ in holders_of(EDIT_MEMBER, pledge.organization)}
    return (may_edit & set(pledge.hands)) or may_edit


def _waiting_until_now(pledge: Pledge, event: Event) -> set[int]:
    """Those on whose desk it lay before it was taken back."""
    step = DUE_ABOVE.get(event.before.get("state", ""))
    return holders(step)(pledge, event) if step else set()


def _to_vet(pledge: Pledge) -> str:
    return f"{reverse('pledges:vetting')}?organization={pledge.organization_id}"


def _to_batch(step: str) -> Callable[[Pledge], str]:
    return lambda pledge: reverse("pledges:batch", args=[pledge.organization_id, step])


def _to_pledge(pledge: Pledge) -> str:
    return pledge.get_absolute_url()


# verb -> who of the offices is told, the subject, where it leads
TOLD: dict[str, tuple[People, str, Callable[[Pledge], str]]] = {
    "submit": (holders("approve"), "请审定：{place}的党员承诺{number}", _to_vet),
    "return": (_writers, "党员承诺被退回，请修改：{names}", _to_pledge),
    "approve": (holders("propose"), "党员承诺已审定，可以申请公开：{place}{number}", _to_batch("propose")),
    "propose": (holders("clear"), "请作保密审查：{place}的党员承诺{number}", _to_batch("clear")),
    "clear": (holders("publish"), "请批准公开：{place}的党员承诺{number}", _to_batch("publish")),
    "bar": (holders("propose"), "党员承诺未通过保密审查：{names}", _to_batch("propose")),
    "decline": (holders("propose"), "党员承诺不予公开：{names}", _to_batch("propose")),
    "withdraw": (_writers, "党员承诺已从公开页面撤下：{names}", _to_pledge),
    "recall": (_waiting_until_now, "{place}收回了党员承诺，暂不需办理：{names}", _to_pledge),
}
# verb -> what the member is told about the own pledge
MEMBERS_TOLD = {
    "return": "您的公开承诺被退回，请修改",
    "publish": "您的公开承诺已公开",
    "withdraw": "您的公开承诺已从公开页面撤下",
}


@subscribe(*(f"pledge.{verb}" for verb in {*TOLD, *MEMBERS_TOLD}))
def tell(event: Event) -> None:
    pledge: Any = Pledge.objects.of_members().with_what_guards_ask().filter(pk=event.subject_id).first()
    if pledge is None:
        return
    person = {pledge.person_id} - {None, event.actor_id}
    if event.verb in MEMBERS_TOLD:
        _tell_member(pledge, event, person)
    if event.verb in TOLD:
        _tell_offices(pledge, event, without=person if event.verb in MEMBERS_TOLD else set())


def _tell_member(pledge: Pledge, event: Event, person: set[Any]) -> None:
    said = [
        f"第{item.number}项：{item.remark}"
        for item in pledge.items.all()
        if event.verb == "return" and item.remark
    ]
    notify(
        person,
        subject=MEMBERS_TOLD[event.verb],
        body="\n".join(_reason(event) + said),
        link=pledge.get_absolute_url(),
        key=f"member-pledge:{event.pk}",
    )


def _tell_offices(pledge: Pledge, event: Event, *, without: set[Any]) -> None:
    whom, subject, link = TOLD[event.verb]
    people = whom(pledge, event) - {event.actor_id} - without
    if not people:
        return
    together = _batch(event)
    names = "、".join(together[:3]) + (f"等 {len(together)} 份" if len(together) > 3 else "")
    number = f"（{len(together)} 份）" if len(together) > 1 else f"（{together[0]}）"
    lines = together[:NAMED] + ([f"等 {len(together)} 份"] if len(together) > NAMED else [])
    notify(
        people,
        subject=subject.format(place=pledge.organization.label, number=number, names=names),
        body="\n".join([*_reason(event), *(lines if len(together) > 1 else [])]),
        link=link(pledge),
        key=f"member-pledges:{event.verb}:{pledge.organization_id}:{_batch_key(event)}",
    )


def _reason(event: Event) -> list[str]:
    return [f"理由：{event.reason}"] if event.reason else []


def _batch_key(event: Event) -> str:
    """What was done in one request is one batch; outside of requests, what was done at one moment."""
    return event.request_id or f"{event.created_at.timestamp():.6f}"


def _batch(event: Event) -> list[str]:
    """The names of the members whose pledges were in the same batch as that of ``event``."""
    together = Event.objects.filter(Q(kind=event.kind), place_id=event.place_id, request_id=event.request_id)
    if not event.request_id:
        together = together.filter(created_at=event.created_at)
    pks = [int(pk) for pk in together.values_list("subject_id", flat=True)]
    found = Pledge.objects.of_members().filter(pk__in=pks).order_by("pk")
    return list(found.values_list("member__name", flat=True))
