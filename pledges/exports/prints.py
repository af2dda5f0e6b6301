"""公开承诺书 and 公示栏 of what is in the database, put on record when they leave.

A letter says what was filed; a poster only what is open to anyone, in the words and names it was published with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Phase
from common.events import record
from common.privacy import conceal
from common.states import StepRefused
from organizations.access import may
from organizations.models import Appointment, Organization
from organizations.posts import Post
from pledges import documents
from pledges.flow import PledgeState
from pledges.models import LIVE, Matter, Pledge, Publication
from pledges.queries.figures import VIEW

_UNVETTED = {PledgeState.DRAFT: "草稿", PledgeState.SUBMITTED: "未经审定", PledgeState.RETURNED: "未经审定"}


def letter(pledge: Pledge, *, by: Any) -> bytes:
    """公开承诺书 of an organization or a member. Whoever may see the pledge may print it, a draft marked as one."""
    organization = pledge.organization
    if pledge.member is None:
        what, made = "党组织公开承诺书", documents.organization_letter(_of_organization(pledge))
    else:
        what, made = "党员公开承诺书", documents.member_letter(_of_member(pledge, _holders(organization)))
    _record(organization, what, 1, by)
    return made


def letters(organization: Organization, phase: Phase, *, by: Any) -> bytes:
    """党员公开承诺书 of everyone who filed one here, each on a page. Raises StepRefused when nobody has."""
    if not may(by, VIEW, organization):
        raise PermissionDenied("您的职务不能下载这里的承诺书。")
    rows = Pledge.objects.visible_to(by).of_members().filter(organization=organization, phase=phase)
    filed = list(_for_letters(rows.exclude(state=PledgeState.DRAFT)).order_by("member"))
    if not filed:
        raise StepRefused(f"“{organization.name}”在{phase.name}还没有党员提交承诺，没有可以打印的承诺书。")
    _record(organization, "党员公开承诺书", len(filed), by)
    own = _holders(organization)
    return documents.member_letters([_of_member(pledge, own) for pledge in filed])


def shown_on(organization: Organization, phase: Phase, matter: str) -> list[Publication]:
    """What a poster shows: open to anyone and not taken down, the members as on the roster."""
    rows = Publication.objects.published().filter(organization=organization, phase=phase, matter=matter)
    return list(rows.order_by("member", "pk"))


def poster(
    organization: Organization,
    phase: Phase,
    matter: str,
    published: list[Publication],
    *,
    url: str,
    by: Any,
) -> bytes:
    """公示栏 on A3; ``url`` is the public page behind its QR code. Raises StepRefused when nothing is public."""
    if not may(by, VIEW, organization):
        raise PermissionDenied("您的职务不能打印这里的公示栏。")
    if not published:
        what = "承诺" if matter == Matter.ORGANIZATION else "党员承诺"
        raise StepRefused(
            f"“{organization.name}”在{phase.name}还没有向社会公开的{what}，公示栏要等批准公开以后再打印。"
        )
    facts = documents.Poster(
        title="公开承诺公示栏" if matter == Matter.ORGANIZATION else "党员公开承诺公示栏",
        organization=organization.name,
        round_name=_round(phase),
        url=url,
        items=_items_on(published) if matter == Matter.ORGANIZATION else (),
        members=_members_on(published) if matter == Matter.MEMBER else (),
        hotline=conceal(organization.hotline)[0],
        published_on=max(timezone.localdate(row.published_at) for row in published),
    )
    made = documents.poster(facts)
    _record(organization, "公示栏", len(published), by)
    return made


def _record(organization: Organization, what: str, pledges: int, by: Any) -> None:
    record(organization, "print_pledges", by=by, permission=VIEW, after={"what": what, "pledges": pledges})


def _round(phase: Phase, state: str = "") -> str:
    mark = _UNVETTED.get(state)  # type: ignore[call-overload]
    return f"{phase.campaign.name}{phase.name}{f'　{mark}' if mark else ''}"


def _for_letters(rows: QuerySet[Pledge]) -> QuerySet[Pledge]:
    return rows.select_related(
        "organization", "phase__campaign", "category", "member", "vetted_by"
    ).prefetch_related("items")


def _approval(pledge: Pledge) -> documents.Approval:
    """审核意见 once there is one; before that there is room for it."""
    if pledge.vetted_at is None or pledge.vetted_by is None or pledge.state in _UNVETTED:
        return documents.Approval()
    return documents.Approval(
        opinion="同意。", approved_by=str(pledge.vetted_by), approved_on=timezone.localdate(pledge.vetted_at)
    )


def _signed_on(pledge: Pledge) -> dt.date | None:
    return timezone.localdate(pledge.submitted_at) if pledge.submitted_at else None


def _of_organization(pledge: Pledge) -> documents.OrganizationLetter:
    live = pledge.publications.filter(LIVE).first()
    superior = pledge.organization.parent
    return documents.OrganizationLetter(
        organization=pledge.organization.name,
        round_name=_round(pledge.phase, pledge.state),
        items=[_organization_item(item) for item in pledge.items.all()],
        superior=superior.name if superior else "",
        approval=_approval(pledge),
        secretary=_secretary(pledge.organization),
        category=pledge.category.name if pledge.category else "",
        directions="、".join(pledge.direction_labels),
        opening=f"现将{_round(pledge.phase)}公开承诺事项公布如下，请党员和群众监督。",
        signed_on=_signed_on(pledge),
        hotline=conceal(pledge.organization.hotline)[0],
        publicity=live.get_scope_display() if live else "",
        published_on=timezone.localdate(live.published_at) if live else None,
    )


def _organization_item(item: Any) -> documents.OrganizationItem:
    return documents.OrganizationItem(
        content=item.content,
        measures=item.measures,
        figures=_figures(item.baseline, item.target, item.unit),
        responsible=item.responsible,
        due_on=item.due_on,
    )


def _figures(baseline: str, target: str, unit: str) -> str:
    said = [f"{word}{figure}{unit}" for word, figure in (("基数", baseline), ("目标", target)) if figure]
    return "，".join(said)


def _secretary(organization: Organization) -> str:
    held = Appointment.objects.in_force(timezone.localdate()).filter(
        organization=organization, post=Post.SECRETARY
    )
    found = held.select_related("user").first()
    return str(found.user) if found else ""


def _holders(organization: Organization) -> set[int]:
    """Who holds or held a post here: what anyone else vetted was vetted from above."""
    return set(Appointment.objects.filter(organization=organization).values_list("user", flat=True))


def _of_member(pledge: Pledge, own: set[int]) -> documents.MemberLetter:
    assert pledge.member is not None  # noqa: S101 -- for mypy
    return documents.MemberLetter(
        name=pledge.member.name,
        branch=pledge.organization.name,
        round_name=_round(pledge.phase, pledge.state),
        items=[documents.MemberItem(content=i.content, due_on=i.due_on) for i in pledge.items.all()],
        approval=replace(
            _approval(pledge), by_superior=bool(pledge.vetted_by_id) and pledge.vetted_by_id not in own
        ),
        post=pledge.member.post_title,
        category=pledge.category.name if pledge.category else "",
        aim=pledge.aim,
        signed_on=_signed_on(pledge),
    )


def _items_on(published: Iterable[Publication]) -> list[documents.OrganizationItem]:
    return [
        documents.OrganizationItem(
            content=item["content"],
            category=row.text["category"],
            measures=item["measures"],
            figures=_figures(item["baseline"], item["target"], item["unit"]),
            responsible=item["responsible"],
            due_on=_day(item["due_on"]),
        )
        for row in published
        for item in row.items
    ]


def _members_on(published: Iterable[Publication]) -> list[documents.PosterMember]:
    return [
        documents.PosterMember(
            name=row.text["person"],
            category=row.text["category"],
            items=[
                documents.MemberItem(content=item["content"], due_on=_day(item["due_on"]))
                for item in row.items
            ],
        )
        for row in published
    ]


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
