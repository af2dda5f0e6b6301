"""Who is told of a change of what is public: whoever decides, whoever asked, and the member whose promise it is."""

from __future__ import annotations

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of
from pledges.models import Change
from pledges.receivers.people import those_who_may

TOLD = {
    "request": "请批准变更：{place}申请变更公开的“{title}”",
    "approve": "变更已批准，公开页面已是新的内容：{title}",
    "refuse": "变更未获批准，公开的内容不变：{title}",
    "recall": "变更申请已收回，不需办理：{title}",
    "lapse": "承诺已撤下，变更申请随之作废：{title}",
}
_TO_THE_DECIDERS = {"request", "recall"}


@subscribe(*(f"change.{verb}" for verb in TOLD))
def tell(event: Event) -> None:
    change = Change.objects.with_what_guards_ask().get(pk=event.subject_id)
    whom = (
        those_who_may(change.flow["approve"], change)
        if event.verb in _TO_THE_DECIDERS
        else _those_who_asked(change)
    )
    notify(
        whom - {event.actor_id},
        subject=TOLD[event.verb].format(place=change.organization.label, title=change),
        body=f"理由：{event.reason}" if event.reason else "",
        link=change.get_absolute_url(),
        key=f"change-event:{event.pk}",
    )


def _those_who_asked(change: Change) -> set[int]:
    """Who may ask there today and the member; whoever asked and has left the post reads nothing more."""
    may_ask = {pk for pk, _ in holders_of(change.flow["request"].permission, change.organization)}
    return may_ask | ({change.person_id} if change.person_id is not None else set())
