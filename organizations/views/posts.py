"""Posts at an organization, and the accounts of those who hold them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations import services
from organizations.access import may_anywhere
from organizations.appointing import fillable, who_fills
from organizations.forms.posts import AccountForm, AppointForm, PostForm, RelieveForm
from organizations.models import Appointment, Organization
from organizations.posts import DECIDING
from organizations.queries import people, tree

UNSHOWN = "unshown_password"  # in the session, from the POST to the page that follows it
LABELS = {"appoint": "任职", "account": "新开账号并任职"}
ACTIONS = {
    "reset": (services.reset_password, "重置密码"),
    "disable": (services.disable_account, "停用账号"),
    "enable": (services.enable_account, "启用账号"),
}


def _organization(request: HttpRequest, pk: int) -> Organization:
    return get_object_or_404(Organization.objects.visible_to(request.user).select_related("parent"), pk=pk)


@require_safe
def posts(request: HttpRequest, pk: int) -> HttpResponse:
    organization = _organization(request, pk)
    mine = fillable(request.user, organization)
    if not (mine or tree.knows_posts(request.user, organization)):
        raise Http404
    context = {
        "organization": organization,
        "chain": tree.chain_of(organization),
        "posts": tree.posts_in_force(organization),
        "over": tree.posts_over(organization),
        "fillable": mine if organization.dissolved_on is None else [],
        "who_fills": who_fills(organization) if mine and not DECIDING.issubset(mine) else "",
    }
    return render(request, "organizations/posts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    organization = _organization(request, pk)
    if way not in LABELS:
        raise Http404
    if not fillable(request.user, organization):
        raise PermissionDenied(f"您的职务不能在“{organization.name}”任职和免职。")
    form_class = AccountForm if way == "account" else AppointForm
    form = form_class(organization, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid() and (done := _applied(form)):
        if isinstance(form, AppointForm):
            messages.success(request, f"已任职：{done}。")
            return redirect("organizations:posts", pk)
        return _to_password(request, *done, organization)
    context = {"organization": organization, "chain": tree.chain_of(organization), "form": form}
    context["label"] = LABELS[way]
    return render(request, "organizations/appoint.html", context, status=422 if form.errors else 200)


def _applied(form: PostForm) -> Any:
    try:
        return form.apply()
    except services.PredecessorInPost as refusal:
        form.ask_to_replace(refusal)
    except services.OrganizationRefused as refusal:
        form.add_error(None, str(refusal))
    return None


def _to_password(
    request: HttpRequest, person: Any, password: str, organization: Organization | None = None
) -> HttpResponse:
    """On to the page that shows it: reloading that one opens no account a second time."""
    request.session[UNSHOWN] = {
        "person": person.pk,
        "password": password,
        "organization": organization.pk if organization else None,
    }
    return redirect("organizations:password", person.pk)


@never_cache
@require_safe
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """Shown once, to whoever has made it; from then on it is kept nowhere in clear."""
    unshown = request.session.get(UNSHOWN) or {}
    if unshown.get("person") != pk or request.method != "GET":
        found = get_object_or_404(people.people_in_hand(request.user), pk=pk)
        return render(request, "organizations/password.html", {"person": found})
    del request.session[UNSHOWN]
    found = get_object_or_404(get_user_model(), pk=pk)
    return render(request, "organizations/password.html", {**unshown, "person": found})


@require_POST
def relieve(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = get_object_or_404(Appointment.objects.visible_to(request.user), pk=pk)
    form = RelieveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "免职日期没有写对，请重新选择。")
        return redirect("organizations:posts", appointment.organization_id)
    try:
        done = services.relieve(appointment, on=form.cleaned_data["on"], by=request.user)
        messages.success(request, f"已免去{done.user}的{done.get_post_display()}职务。")
    except services.OrganizationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("organizations:posts", appointment.organization_id)


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(people.people_in_hand(request.user), pk=pk)
    context = {
        "person": found,
        "posts": people.posts_in_hand(found, request.user),
        "refusal": services.account_refusal(request.user, found),
        "may_explain": may_anywhere(request.user, "organizations.explain_permissions"),
    }
    return render(request, "organizations/person.html", context)


@never_cache
@require_POST
def account(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    found = get_object_or_404(people.people_in_hand(request.user), pk=pk)
    if action not in ACTIONS:
        raise Http404
    do, label = ACTIONS[action]
    outcome = do(found, by=request.user)
    if outcome:
        return _to_password(request, found, outcome)
    messages.success(request, f"已为{found}{label}。")
    return redirect("organizations:person", pk)
