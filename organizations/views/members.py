"""The roster (党员名册): list, one member, and what can be done."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations import services
from organizations.access import may
from organizations.forms.members import MANAGE, STEPS, MemberFilter, MemberForm, NewMemberForm, TransferForm
from organizations.models import Member, Organization

VIEW_PHONE = "organizations.view_phone"


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    visible = Member.objects.visible_to(request.user).current()
    form = MemberFilter(request.user, request.GET)
    found = form.narrow(visible) if form.is_valid() else visible.none()
    rows = found.select_related("organization").order_by("organization__order_path", "pk")
    context = {"form": form, "page": Paginator(rows, 50).get_page(request.GET.get("page"))}
    return render(request, "organizations/members.html", context, status=422 if form.errors else 200)


def _member(request: HttpRequest, pk: int) -> Member:
    visible = Member.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organization__parent", "receiving"), pk=pk)


def _detail(request: HttpRequest, member: Member, phone: str = "") -> HttpResponse:
    here, user = member.organization, request.user
    manages = may(user, MANAGE, here) and member.left_on is None
    context = {
        "member": member,
        "history": member.memberships.that_lasted()
        .select_related("organization")
        .order_by("-starts_on", "-pk"),
        "phone": phone,
        "may_see_phone": bool(member.phone) and may(user, VIEW_PHONE, here),
        "manages": manages,
        "may_transfer": manages and not TransferForm.refusal(user, member),
    }
    return render(request, "organizations/member.html", context)


@require_safe
def member(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _member(request, pk))


@require_POST
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole number on this one page; that it was looked at is on record."""
    found = _member(request, pk)
    return _detail(request, found, phone=services.show_phone(found, by=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _member(request, pk)
    if not may(request.user, MANAGE, found.organization):
        raise PermissionDenied(f"您的职务不能修改“{found.organization.name}”的党员名册。")
    form = MemberForm(request.POST or None, instance=found, user=request.user)
    return _answer(request, form, "修改党员资料", found.get_absolute_url(), found.organization)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    here = get_object_or_404(Organization.objects.visible_to(request.user).living(), pk=pk)
    if not may(request.user, MANAGE, here):
        raise PermissionDenied(f"您的职务不能修改“{here.name}”的党员名册。")
    form = NewMemberForm(here, request.POST or None, user=request.user)
    return _answer(request, form, "登记党员", here.get_absolute_url(), here)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    found = _member(request, pk)
    if step not in STEPS:
        raise Http404
    if why := STEPS[step].refusal(request.user, found):
        raise PermissionDenied(why)
    form = STEPS[step](found, request.user, request.POST or None)
    return _answer(request, form, f"{form.label}：{found.name}", found.get_absolute_url(), found.organization)


def _answer(
    request: HttpRequest, form: object, label: str, back: str, organization: Organization
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                done = form.apply()
            except services.OrganizationRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"已办理：{label}。")
                return redirect(_after(request, done))
        status = 422
    context = {"form": form, "label": label, "back": back, "organization": organization}
    return render(request, "organizations/member_form.html", context, status=status)


def _after(request: HttpRequest, done: Member) -> str:
    """The member's page, unless the transfer took it out of sight."""
    seen = Member.objects.visible_to(request.user).filter(pk=done.pk).exists()
    return done.get_absolute_url() if seen else done.organization.get_absolute_url()
