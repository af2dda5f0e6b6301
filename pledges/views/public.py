"""Open to anyone, the same for everyone: published pledges, one of them, feeds. Only publications are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.functional import SimpleLazyObject

from common.caching import public_page
from common.documents.wording import clean
from common.paging import COUNT_LIMIT, KeysetPage, capped, capped_count, keyset
from organizations.kinds import HOLDS_MEMBERS
from organizations.models import Organization
from pledges import queries
from pledges.forms.lists import FilterForm
from pledges.models import Matter, Publication
from pledges.presentation import matter_tabs
from pledges.views.requests import asked_place

FEED_LENGTH = 30
WHOLE_BRANCH = 60  # a branch's members stand together on one page
ANSWERS = 3  # on the page of a pledge; all of them have a page of their own
MANY = "more-publications-than-are-counted"
ASKED = ("q", "organization", "organization_q", "phase", "category")


@dataclass(frozen=True, slots=True)
class Shelf:
    """One of the two lists: whose promises, and its addresses."""

    matter: Matter
    address: str
    rss: str
    template: str
    lead: str

    def rows(self) -> QuerySet[Publication]:
        return Publication.objects.published().filter(matter=self.matter)


ORGANIZATIONS = Shelf(
    Matter.ORGANIZATION, "pledges:public_list", "pledges:rss", "pledges/public_list.html",
    "各级党组织最新公开的承诺",
)  # fmt: skip
MEMBERS = Shelf(
    Matter.MEMBER, "pledges:public_members", "pledges:members_rss", "pledges/public_members.html",
    "党员最新公开的承诺",
)  # fmt: skip


def _narrowed(request: HttpRequest, shelf: Shelf) -> tuple[FilterForm, queries.Asked, queries.Filters]:
    form = FilterForm(request.GET, matter=shelf.matter)
    asked = asked_place(request, Organization.objects.public())
    return form, asked, form.filters(asked)


def _query(request: HttpRequest) -> str:
    """The filters of the address, for the feed of the same list."""
    return urlencode({key: request.GET[key] for key in ASKED if request.GET.get(key)})


def _count_of_all(shelf: Shelf) -> int:
    """How many are public. That there are more than a thousand stays true for a minute."""
    if cache.get(f"{MANY}:{shelf.matter}"):
        return COUNT_LIMIT + 1
    count = capped_count(shelf.rows())
    if count > COUNT_LIMIT:
        cache.set(f"{MANY}:{shelf.matter}", True, 60)
    return count


@public_page
def index(request: HttpRequest) -> HttpResponse:
    return _list(request, ORGANIZATIONS)


@public_page
def members(request: HttpRequest) -> HttpResponse:
    return _list(request, MEMBERS)


def _list(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    context = _filtered(request, shelf) if _query(request) else _plain(request, shelf)
    context |= {
        "feed": f"{reverse(shelf.rss)}?{_query(request)}".rstrip("?"),
        "tabs": matter_tabs(shelf.matter, request.GET, ORGANIZATIONS.address, MEMBERS.address),
    }
    return render(request, shelf.template, context)


def _filtered(request: HttpRequest, shelf: Shelf) -> dict[str, Any]:
    form, asked, filters = _narrowed(request, shelf)
    count, rows = capped(filters.narrow(shelf.rows()))
    is_branch = shelf is MEMBERS and asked.chosen is not None and asked.chosen.kind in HOLDS_MEMBERS
    page = keyset(rows.for_cards(), "published_at", request.GET, size=WHOLE_BRANCH if is_branch else 20)
    return {
        "form": form,
        "asked": asked,
        "count": count,
        "page": page,
        "is_branch": is_branch,
        "is_filtered": True,
    }


def _plain(request: HttpRequest, shelf: Shelf) -> dict[str, Any]:
    """What most people read. Only which twenty it is today is asked for every time: their cards, whose text is
    frozen, and the form are kept for a minute and made anew when they are not there (the template's ``cache``).
    """
    page = keyset(shelf.rows().only("published_at"), "published_at", request.GET)
    pks = [row.pk for row in page.rows]
    return {
        "form": SimpleLazyObject(lambda: FilterForm({}, matter=shelf.matter)),
        "asked": queries.Asked(),
        "count": _count_of_all(shelf),
        "page": page,
        "cards": SimpleLazyObject(lambda: _cards(shelf, pks)),
        "cards_key": "-".join(map(str, pks)),
        "is_filtered": False,
    }


def _cards(shelf: Shelf, pks: list[int]) -> KeysetPage:
    found = shelf.rows().for_cards().in_bulk(pks)
    return KeysetPage([found[pk] for pk in pks if pk in found])


@public_page
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """In force; or a version that a change replaced, which says so; or gone, of which nothing is shown."""
    gone = Publication.objects.public().of_pledges().taken_down().filter(pk=pk).first()
    if gone is not None:
        context = {"withdrawn_at": gone.withdrawn_at, "now": queries.replaced_by(gone)}
        return render(request, "pledges/public_gone.html", context, status=410)
    publication = get_object_or_404(
        Publication.objects.public()
        .of_pledges()
        .standing()
        .select_related("organization", "phase__campaign", "category"),
        pk=pk,
    )
    if publication.replaced_at is not None:
        return _replaced(request, publication)
    context = {
        "publication": publication,
        "earlier": queries.earlier_versions(publication),
        "versions": queries.versions_before(publication),
        "figures": queries.opinion_figures(publication, timezone.localdate()),
        "answers": queries.public_answers(publication)[:ANSWERS],
    }
    return render(request, "pledges/public_detail.html", context)


def _replaced(request: HttpRequest, publication: Publication) -> HttpResponse:
    later = queries.versions_after(publication)
    if not later:  # taken down this very moment
        raise Http404
    context = {
        "publication": publication,
        "now": later[-1],
        "version": queries.Version(publication, later[0]),
    }
    return render(request, "pledges/public_replaced.html", context)


@public_page
def rss(request: HttpRequest) -> HttpResponse:
    return _feed(request, ORGANIZATIONS, Rss201rev2Feed)


@public_page
def atom(request: HttpRequest) -> HttpResponse:
    return _feed(request, ORGANIZATIONS, Atom1Feed)


@public_page
def members_rss(request: HttpRequest) -> HttpResponse:
    return _feed(request, MEMBERS, Rss201rev2Feed)


@public_page
def members_atom(request: HttpRequest) -> HttpResponse:
    return _feed(request, MEMBERS, Atom1Feed)


def _feed(request: HttpRequest, shelf: Shelf, kind: type[Rss201rev2Feed] | type[Atom1Feed]) -> HttpResponse:
    """The newest publications of the list with the same filters."""
    _, asked, filters = _narrowed(request, shelf)
    there = request.build_absolute_uri
    title = "党员公开承诺" if shelf is MEMBERS else "公开承诺"
    feed = kind(
        title=f"{asked.chosen or ''}{title} - {settings.SITE['name']}",
        link=there(f"{reverse(shelf.address)}?{_query(request)}".rstrip("?")),
        description=shelf.lead,
        language="zh-cn",
        feed_url=there(),
    )
    _, rows = capped(filters.narrow(shelf.rows()))
    for row in rows.select_related("category").newest_first()[:FEED_LENGTH]:
        feed.add_item(
            title=clean(row.title),
            link=there(row.get_absolute_url()),
            description=clean("\n".join(item["content"] for item in row.text["items"])),
            author_name=row.organization_name,
            categories=[row.category.name],
            pubdate=row.published_at,
            updateddate=row.published_at,
            unique_id=there(row.get_absolute_url()),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
