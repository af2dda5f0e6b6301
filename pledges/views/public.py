"""Open to anyone, the same for everyone: published pledges, one of them, feeds. Only publications are read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.functional import SimpleLazyObject

from common.caching import public_page
from common.paging import COUNT_LIMIT, KeysetPage, capped, capped_count, keyset
from organizations.models import Organization
from pledges import queries
from pledges.forms.lists import FilterForm
from pledges.models import Publication

FEED_LENGTH = 30
ANSWERS = 3  # on the page of a pledge; all of them have a page of their own
MANY = "more-publications-than-are-counted"
ASKED = ("q", "organization", "organization_q", "phase", "category")


def _narrowed(request: HttpRequest) -> tuple[FilterForm, queries.Asked, queries.Filters]:
    form = FilterForm(request.GET)
    asked = queries.asked_for(
        Organization.objects.public(),
        request.GET.get("organization", ""),
        request.GET.get("organization_q", ""),
    )
    return form, asked, form.filters(asked)


def _query(request: HttpRequest) -> str:
    """The filters of the address, for the feed of the same list."""
    return urlencode({key: request.GET[key] for key in ASKED if request.GET.get(key)})


def _count_of_all() -> int:
    """How many are public. That there are more than a thousand stays true for a minute."""
    if cache.get(MANY):
        return COUNT_LIMIT + 1
    count = capped_count(Publication.objects.published().of_organizations())
    if count > COUNT_LIMIT:
        cache.set(MANY, True, 60)
    return count


@public_page
def index(request: HttpRequest) -> HttpResponse:
    feed = f"{reverse('pledges:rss')}?{_query(request)}".rstrip("?")
    context = _filtered(request) if _query(request) else _plain(request)
    return render(request, "pledges/public_list.html", context | {"feed": feed})


def _filtered(request: HttpRequest) -> dict[str, Any]:
    form, asked, filters = _narrowed(request)
    count, rows = capped(filters.narrow(Publication.objects.published().of_organizations()))
    page = keyset(rows.for_cards(), "published_at", request.GET)
    return {"form": form, "asked": asked, "count": count, "page": page, "is_filtered": True}


def _plain(request: HttpRequest) -> dict[str, Any]:
    """What most people read. Only which twenty it is today is asked for every time: their cards, whose text is
    frozen, and the form are kept for a minute and made anew when they are not there (the template's ``cache``).
    """
    page = keyset(
        Publication.objects.published().of_organizations().only("published_at"), "published_at", request.GET
    )
    pks = [row.pk for row in page.rows]
    return {
        "form": SimpleLazyObject(lambda: FilterForm({})),
        "asked": queries.Asked(),
        "count": _count_of_all(),
        "page": page,
        "cards": SimpleLazyObject(lambda: _cards(pks)),
        "cards_key": "-".join(map(str, pks)),
        "is_filtered": False,
    }


def _cards(pks: list[int]) -> KeysetPage:
    found = Publication.objects.published().of_organizations().for_cards().in_bulk(pks)
    return KeysetPage([found[pk] for pk in pks if pk in found])


@public_page
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    gone = Publication.objects.public().taken_down().filter(pk=pk).first()
    if gone is not None:
        context = {"withdrawn_at": gone.withdrawn_at, "now": queries.replaced_by(gone)}
        return render(request, "pledges/public_gone.html", context, status=410)
    publication = get_object_or_404(
        Publication.objects.published().select_related("organization", "phase__campaign", "category"), pk=pk
    )
    context = {
        "publication": publication,
        "earlier": queries.earlier_versions(publication),
        "figures": queries.opinion_figures(publication, timezone.localdate()),
        "answers": queries.public_answers(publication)[:ANSWERS],
    }
    return render(request, "pledges/public_detail.html", context)


@public_page
def rss(request: HttpRequest) -> HttpResponse:
    return _feed(request, Rss201rev2Feed)


@public_page
def atom(request: HttpRequest) -> HttpResponse:
    return _feed(request, Atom1Feed)


def _feed(request: HttpRequest, kind: type[Rss201rev2Feed] | type[Atom1Feed]) -> HttpResponse:
    """The newest publications of the list with the same filters."""
    _, asked, filters = _narrowed(request)
    there = request.build_absolute_uri
    feed = kind(
        title=f"{asked.chosen or ''}公开承诺 - {settings.SITE['name']}",
        link=there(f"{reverse('pledges:public_list')}?{_query(request)}".rstrip("?")),
        description="各级党组织最新公开的承诺",
        language="zh-cn",
        feed_url=there(),
    )
    _, rows = capped(filters.narrow(Publication.objects.published().of_organizations()))
    for row in rows.select_related("category").newest_first()[:FEED_LENGTH]:
        feed.add_item(
            title=row.title,
            link=there(row.get_absolute_url()),
            description="\n".join(item["content"] for item in row.text["items"]),
            author_name=row.organization_name,
            categories=[row.category.name],
            pubdate=row.published_at,
            updateddate=row.published_at,
            unique_id=there(row.get_absolute_url()),
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
