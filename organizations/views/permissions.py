"""「我的权限」, and the same for somebody else."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from organizations import access
from organizations.forms.permissions import WhereForm
from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet
from organizations.queries import people, scopes
from organizations.queries.explain import explain

EXPLAIN = "organizations.explain_permissions"


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    everywhere = Organization.objects.visible_to(request.user)
    me = request.user
    return _page(request, me, everywhere, scope="", first=access.acting(me), held=access.holdings(me))


@require_safe
def of(request: HttpRequest, pk: int) -> HttpResponse:
    if not access.may_anywhere(request.user, EXPLAIN):
        raise PermissionDenied("查询他人的权限由领导小组办公室办理。")
    person = get_object_or_404(people.people_in_reach(request.user, EXPLAIN), pk=pk)
    reach = scopes.reach(request.user, EXPLAIN)
    first = [post for post in people.posts_of(person, request.user, EXPLAIN) if not post.is_over]
    held = [
        holding
        for holding in access.holdings(person)  # what is held out of reach is not told
        if access.may(request.user, EXPLAIN, Organization(path=holding.path))
    ]
    return _page(request, person, reach, scope=EXPLAIN, first=first, held=held)


def _page(
    request: HttpRequest,
    person: Any,
    among: OrganizationQuerySet,
    *,
    scope: str,
    first: list[Any],
    held: list[access.Holding],
) -> HttpResponse:
    """At the organization asked for, or where the person's first post is held."""
    form = WhereForm(among, scope, request.GET if "organization" in request.GET else None)
    here = form.cleaned_data["organization"] if form.is_valid() else None
    if here is None and not form.is_bound and first:
        here = among.filter(pk=first[0].organization_id).first()
    context = {
        "person": person,
        "is_me": person.pk == request.user.pk,
        "form": form,
        "here": here,
        "areas": explain(person, here) if here else [],
        "held": held,
        "narrowed": len(access.acting(person)) < len(access.holdings(person)),
    }
    return render(request, "organizations/permissions.html", context, status=422 if form.errors else 200)
