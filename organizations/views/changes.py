"""Changes of an organization: a form, for the grave ones a second page that says what follows, then done."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from organizations import services
from organizations.forms.changes import CHANGES, ChangeForm
from organizations.models import Organization
from organizations.queries import tree


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    organization = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=pk
    )
    form_class = CHANGES.get(verb)
    if form_class is None:
        raise Http404
    if not form_class.allowed(request.user, organization):
        raise PermissionDenied(f"您的职务不能在“{organization.name}”办理“{form_class.label}”。")
    form = form_class(organization, request.user, request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    if form.is_valid():
        try:
            return _confirm(request, form) if form.is_grave else _apply(request, form)
        except services.OrganizationRefused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, form, status=422)


def _confirm(request: HttpRequest, form: ChangeForm) -> HttpResponse:
    """What was confirmed must be what was shown; when it has changed meanwhile it is shown again."""
    preview = form.preview()
    if request.POST.get("seen") == preview.seen and "confirm" in request.POST:
        return _apply(request, form)
    is_stale = "confirm" in request.POST
    return _page(request, form, preview=preview, is_stale=is_stale, status=409 if is_stale else 200)


def _apply(request: HttpRequest, form: ChangeForm) -> HttpResponse:
    changed = form.apply()
    messages.success(request, f"已办理：{form.label}。")
    return redirect(changed)


def _page(request: HttpRequest, form: ChangeForm, status: int = 200, **context: object) -> HttpResponse:
    here = form.organization
    context |= {"form": form, "organization": here, "chain": tree.chain_of(here)}
    return render(request, "organizations/change.html", context, status=status)
