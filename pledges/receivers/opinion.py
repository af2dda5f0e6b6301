"""Who is told of an opinion: whoever must answer, and the superior when nobody did. Never its words: mail is open."""

from __future__ import annotations

from django.urls import reverse

from common.events import subscribe
from common.models import Event
from common.templatetags.cn import cn_date
from notifications.services import notify
from organizations.access import holders_of
from organizations.models import Organization
from pledges.models import Opinion
from pledges.services import opinions


def _posts(permission: str, organization: Organization) -> set[int]:
    return {pk for pk, _ in holders_of(permission, organization)}


def _opinion(event: Event) -> Opinion:
    return Opinion.objects.select_related("organization", "publication").get(pk=event.subject_id)


def _tell(event: Event, opinion: Opinion, people: set[int], subject: str, body: str = "") -> None:
    notify(
        people - {event.actor_id},
        subject=subject,
        body=body,
        link=opinion.get_absolute_url(),
        key=f"opinion-event:{event.pk}",
    )


@subscribe("opinion.receive")
def tell_who_answers(event: Event) -> None:
    opinion = _opinion(event)
    _tell(
        event,
        opinion,
        _posts("pledges.draft_answer", opinion.organization),
        f"收到一条群众意见，请在{cn_date(opinion.due_on)}或之前答复",
        f"对公开承诺“{opinion.publication.title}”的意见，内容请登录后查看。",
    )


@subscribe("opinion.forward")
def tell_both(event: Event) -> None:
    """Whoever has it now, and whoever passed it on. The term goes on, and both are told so."""
    opinion, before = _opinion(event), Organization.objects.get(pk=event.detail["from_organization"])
    to = Organization.objects.get(pk=event.detail["to_organization"])
    term = f"答复期限不变：{cn_date(opinion.due_on)}。转办理由：{event.reason}"
    _tell(
        event,
        opinion,
        _posts("pledges.draft_answer", to),
        f"{before.label}转来一条群众意见，请在{cn_date(opinion.due_on)}或之前答复",
        term,
    )
    notify(
        _posts("pledges.draft_answer", before),
        subject=f"一条群众意见已转由{to.label}办理",
        body=term,
        link=reverse("pledges:opinions"),
        key=f"opinion-forwarded:{event.pk}",
    )


@subscribe("opinion.lapse")
def tell_the_superior(event: Event) -> None:
    opinion = _opinion(event)
    _tell(
        event,
        opinion,
        _posts("pledges.urge_answer", opinion.organization),
        f"{opinion.organization.label}有一条群众意见逾期未答复，请督促",
        f"答复期限是{cn_date(opinion.due_on)}。",
    )


@subscribe("opinion.close")
def tell_above(event: Event) -> None:
    """What is not answered at all is seen from above."""
    opinion = _opinion(event)
    people = _posts("pledges.reopen_opinion", opinion.organization)
    _tell(
        event,
        opinion,
        people,
        f"{opinion.organization.label}对一条群众意见不予答复",
        f"原因：{event.reason}。认为应当答复的，可以恢复办理。",
    )


@subscribe("opinion.reopen")
def tell_it_waits_again(event: Event) -> None:
    opinion = _opinion(event)
    _tell(
        event,
        opinion,
        _posts("pledges.draft_answer", opinion.organization),
        f"上级要求答复一条已不予答复的群众意见，期限{cn_date(opinion.due_on)}",
        f"理由：{event.reason}",
    )


@subscribe("organization.merge", "organization.dissolve")
def hand_over(event: Event) -> None:
    """Nobody acts at an organization that is no more: whoever answers for it now has its opinions."""
    ended = Organization.objects.get(pk=event.subject_id)
    heir = opinions.responsible(ended)
    if heir == ended:
        return
    what = "并入" if ended.merged_into_id else "撤销"
    handed = opinions.hand_over(ended, heir, by=event.actor, reason=f"“{ended.name}”{what}")
    if waiting := [opinion for opinion in handed if opinion.is_waiting]:
        notify(
            _posts("pledges.draft_answer", heir),
            subject=f"“{ended.name}”{what}，{len(waiting)} 条未答复的群众意见转由本组织答复",
            body=f"最早的答复期限：{cn_date(min(opinion.due_on for opinion in waiting))}。期限不变。",
            link=reverse("pledges:opinions"),
            key=f"opinion-hand-over:{event.pk}",
        )
