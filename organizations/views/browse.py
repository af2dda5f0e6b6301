"""The tree, one organization, and the picker."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from organizations.access import may
from organizations.appointing import fillable
from organizations.forms.browse import BrowseForm
from organizations.forms.changes import changes_open_to
from organizations.models import Organization
from organizations.queries import scopes, tree

PICKED = 20


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """The tree from the top, or what a search finds; every list in protocol order."""
    visible = Organization.objects.visible_to(request.user)
    form = BrowseForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid() and form.is_asked():
        found = tree.with_child_count(form.narrow(visible)).select_related("parent")
        context["page"] = Paginator(found, 50).get_page(request.GET.get("page"))
    else:
        root = get_object_or_404(visible, parent=None)
        context |= {"root": root, "children": list(tree.children_of(root))}
    return render(request, "organizations/browse.html", context)


@require_safe
def children(request: HttpRequest, pk: int) -> HttpResponse:
    """What htmx puts below an opened node. Asked for without htmx, the organization's own page shows the same."""
    organization = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    if not request.htmx:
        return redirect(organization)
    return render(request, "organizations/_children.html", {"children": tree.children_of(organization)})


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = request.user
    organization = get_object_or_404(
        Organization.objects.visible_to(user).select_related("parent", "merged_into"), pk=pk
    )
    fills_posts = bool(fillable(user, organization))
    context = {
        "organization": organization,
        "chain": tree.chain_of(organization),
        "children": list(tree.children_of(organization)),
        "changes": changes_open_to(user, organization),
        "former_names": organization.former_names.order_by("-used_until", "-pk"),
        "affiliations": organization.affiliations.that_lasted()
        .select_related("superior")
        .order_by("-starts_on", "-pk"),
        "may_add_members": organization.dissolved_on is None
        and organization.rule.holds_members
        and may(user, "organizations.manage_member", organization),
        "may_view_pledges": organization.rule.files_pledges
        and may(user, "pledges.view_pledge", organization),
        "may_write_members": organization.dissolved_on is None
        and organization.rule.holds_members
        and may(user, "pledges.edit_member_pledge", organization),
        "may_view_audit": may(user, "organizations.view_audit", organization),
        "may_manage_posts": fills_posts,
        "numbers": tree.numbers_under(organization)
        if may(user, "organizations.view_member", organization)
        else None,
        "posts": tree.posts_in_force(organization)
        if fills_posts or tree.knows_posts(user, organization)
        else None,
    }
    return render(request, "organizations/detail.html", context)


@require_safe
def pick(request: HttpRequest, scope: str = "") -> HttpResponse:
    """``<li role=option>`` fragments for the picker; at most PICKED, the closest first."""
    offered = scopes.organizations_in(scope, request.user)
    if offered is None:
        raise Http404
    found = offered.search(request.GET.get("q", "")[:100]).select_related("parent")[:PICKED]
    return render(request, "organizations/_options.html", {"organizations": found})
