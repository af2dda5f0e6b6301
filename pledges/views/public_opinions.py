"""监督这份承诺: leave an opinion, look it up with its code, read what was answered. Nobody is asked who they are.

The form and the look-up have a token each and are nobody else's to keep; the list of answers is a public page.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common.caching import public_page
from common.challenge import Throttle
from common.middleware import client_address
from common.paging import keyset
from common.states import StepRefused
from pledges import queries
from pledges.flow import CONTACT_KEPT_DAYS, TERM_WORKDAYS, OpinionState
from pledges.forms.opinions import LookupForm, OpinionForm
from pledges.models import Publication
from pledges.presentation import OpinionLine
from pledges.services import opinions as services

HOURLY, DAILY = Throttle("opinion", 5, 3600), Throttle("opinion-day", 30, 24 * 3600)
LOOKUPS = Throttle("opinion-code", 30, 3600)
TOO_MANY = (
    "您所在的网络一小时内提交的意见较多，暂时不能再提交。您写的内容还在，请过一会儿再试；急事请打监督电话。"
)
TOO_MANY_LOOKUPS = "您所在的网络查询得太频繁，请过一会儿再试。"
UNKNOWN_CODE = "没有查到。请核对查询码：一共 12 位，没有数字 0、1 和字母 I、L、O。"


def _published(pk: int) -> Publication:
    rows = Publication.objects.published().select_related("organization", "phase__campaign")
    return get_object_or_404(rows, pk=pk)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    publication = _published(pk)
    if request.method != "POST":
        return _form(request, publication, OpinionForm(publication=publication, about=_item_of(request)))
    form = OpinionForm(request.POST, publication=publication)
    if not form.is_valid():
        return _form(request, publication, form, status=422)
    address = client_address(request)
    if not (HOURLY.allow(address) and DAILY.allow(address)):
        return _refused(request, publication, form, TOO_MANY, status=429)
    try:
        opinion, code = services.receive(publication, **form.said())
    except StepRefused as refused:
        return _refused(request, publication, form, str(refused), status=409)
    shown = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
    return render(
        request, "pledges/opinions/left.html", {"opinion": opinion, "code": shown, "publication": publication}
    )


def _item_of(request: HttpRequest) -> str:
    number = request.GET.get("item", "")
    return number if number.isascii() and number.isdigit() and len(number) < 3 else ""


def _refused(
    request: HttpRequest, publication: Publication, form: OpinionForm, why: str, status: int
) -> HttpResponse:
    form.ask_anew()
    form.add_error(None, why)
    return _form(request, publication, form, status)


def _form(
    request: HttpRequest, publication: Publication, form: OpinionForm, status: int = 200
) -> HttpResponse:
    context = {
        "publication": publication,
        "responsible": services.responsible(publication.organization),
        "form": form,
        "term": TERM_WORKDAYS,
        "kept_days": CONTACT_KEPT_DAYS,
    }
    return render(request, "pledges/opinions/leave.html", context, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def look_up(request: HttpRequest) -> HttpResponse:
    """By POST alone: a code in an address would stay in histories and logs."""
    form = LookupForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(
            request, "pledges/opinions/look_up.html", {"form": form}, status=422 if form.errors else 200
        )
    if not LOOKUPS.allow(client_address(request)):
        form.add_error("code", TOO_MANY_LOOKUPS)
        return render(request, "pledges/opinions/look_up.html", {"form": form}, status=429)
    opinion = queries.opinion_with_code(form.cleaned_data["code"])
    if opinion is None:
        form.add_error("code", UNKNOWN_CODE)
        return render(request, "pledges/opinions/look_up.html", {"form": form}, status=422)
    context = {
        "line": OpinionLine(opinion, timezone.localdate()),
        "opinion": opinion,
        "is_answered": opinion.state in {OpinionState.ANSWERED, OpinionState.ANSWER_PUBLISHED},
        "handed_to": opinion.organization_id != opinion.publication.organization_id,
        "pledge_is_public": opinion.publication.is_open_to_all,
    }
    return render(request, "pledges/opinions/found.html", context)


@public_page
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """群众意见 of one pledge: the counts, and the published answers."""
    publication = _published(pk)
    context = {
        "publication": publication,
        "figures": queries.opinion_figures(publication, timezone.localdate()),
        "views": queries.views_by_item(publication),
        "page": keyset(queries.public_answers(publication), "published_at", request.GET),
    }
    return render(request, "pledges/opinions/answers.html", context)
