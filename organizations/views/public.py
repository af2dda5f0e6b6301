"""Open to anyone, the same for everyone: names, kinds and affiliation. No person is named here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from common.caching import public_page
from organizations.models import Organization
from organizations.queries import tree

FOUND, PICKED = 100, 20


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """The first two levels below the root, or what a search finds."""
    words = request.GET.get("q", "").strip()[:50]
    living = Organization.objects.public()
    context: dict[str, object] = {"words": words}
    if words:
        found = list(living.search(words).select_related("parent")[: FOUND + 1])
        context |= {"found": found[:FOUND], "has_more": len(found) > FOUND}
    else:
        context |= {"root": living.filter(parent=None).first(), "levels": tree.two_levels(living)}
    return render(request, "organizations/public_list.html", context)


@public_page
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    organization = get_object_or_404(Organization.objects.public(), pk=pk)
    context = {
        "organization": organization,
        "chain": tree.chain_of(organization),
        "children": list(tree.children_of(organization)),
    }
    return render(request, "organizations/public_detail.html", context)


@public_page
def pick(request: HttpRequest) -> HttpResponse:
    """What the picker of the public list offers."""
    found = Organization.objects.public().search(request.GET.get("q", "")[:100])
    return render(
        request, "organizations/_options.html", {"organizations": found.select_related("parent")[:PICKED]}
    )
