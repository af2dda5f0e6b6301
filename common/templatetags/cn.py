"""Chinese dates, figures with their denominators, and the small tags that pages are written with.

Loaded as a builtin: no template needs {% load %} for these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet, BoundField, Field
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.privacy import mask_phone

register = template.Library()
register.filter("mask_phone", mask_phone)


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def cn_date(value: dt.date | dt.datetime | None) -> str:
    """2010年8月19日"""
    if not isinstance(value, dt.date):
        return ""
    value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def cn_day(value: dt.date | dt.datetime | None) -> str:
    """8月19日, where the year is clear from what stands around it."""
    if not isinstance(value, dt.date):
        return ""
    value = _local(value)
    return f"{value.month}月{value.day}日"


@register.filter
def cn_datetime(value: dt.datetime | None) -> str:
    """2010年8月19日 15:04, in the site's time zone."""
    if not isinstance(value, dt.datetime):
        return cn_date(value)
    return f"{cn_date(value)} {_local(value):%H:%M}"


@register.filter
def cn_month(value: dt.date | None) -> str:
    """2010年8月"""
    return f"{value.year}年{value.month}月" if isinstance(value, dt.date) else ""


@register.filter
def capped(count: int | None, limit: int = 1000) -> str:
    """A count that stopped at `limit`: 37 or 1000+, nothing where it is not known."""
    if count is None:
        return ""
    return f"{limit}+" if count > int(limit) else str(count)


@register.filter
def of(part: int, whole: int) -> str:
    """412 / 418: a figure never stands without its denominator."""
    return f"{part:,} / {whole:,}"


@register.simple_tag
def percent_of(part: int, whole: int, what: str = "") -> SafeString:
    """A percentage that carries its formula: 98.6%, and "412 ÷ 418" on pointing at it and in speech."""
    if not whole:
        return format_html('<span class="percent">—<span class="vh">（{}）</span></span>', "应办数为 0")
    formula = f"{what}{part:,} ÷ {whole:,}"
    share = f"{part * 100 / whole:.1f}".removesuffix(".0")
    return format_html(
        '<span class="percent" title="{}">{}%<span class="vh">（{}）</span></span>', formula, share, formula
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A stroke icon of static/cx/icons.svg. Decorative unless it is given a label."""
    href = f"{static('cx/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', href)


@register.filter
def columns(spec: str | Iterable[Any]) -> list[dict[str, str]]:
    """ "单位|支部#num|状态#st" -> [{"label": …, "cls": …}]: the heads of a <c-table>."""
    heads = spec.split("|") if isinstance(spec, str) else spec
    return [dict(zip(("label", "cls"), str(head).partition("#")[::2], strict=True)) for head in heads]


def _shown(bound: BoundField, form: BaseForm) -> str:
    """The chosen value in the words of the control: a choice's label, else the text itself."""
    value = bound.value()
    choices = getattr(bound.field, "choices", None)
    if choices is None:
        cleaned = getattr(form, "cleaned_data", {}).get(bound.name)
        return cn_date(cleaned) if isinstance(cleaned, dt.date) else str(value)
    chosen = {str(v) for v in value} if isinstance(value, list | tuple) else {str(value)}
    return "、".join(w.choice_label for w in bound.subwidgets if str(w.data["value"]) in chosen)


def _without_place(context: Context) -> Any:
    """What the address asks for, less the place in the list."""
    query = context["request"].GET.copy()
    for name in ("page", "before", "after"):
        query.pop(name, None)
    return query


@register.simple_tag(takes_context=True)
def with_cursor(context: Context, cursor: str) -> str:
    """The address of the list at another place ("before=…", "after=…" or ""), its filters kept."""
    return f"?{'&'.join(filter(None, [_without_place(context).urlencode(), cursor]))}" if cursor else ""


@register.simple_tag(takes_context=True)
def active_filters(context: Context, form: BaseForm | None) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it. `form` is a bound GET form."""
    if form is None:
        return []
    query = _without_place(context)
    chips = []
    for bound in form:
        if bound.html_name not in query or bound.value() in (None, "", []):
            continue
        rest = query.copy()
        rest.pop(bound.html_name)
        chips.append({"label": str(bound.label), "value": _shown(bound, form), "url": f"?{rest.urlencode()}"})
    return chips


@register.filter
def lines(text: object) -> list[str]:
    """A label of several lines: the first is the choice, the rest its explanation."""
    return str(text).splitlines() or [""]


@register.filter
def field_kind(field: BoundField, wanted: str = "") -> str:
    """How <c-field> draws a field: hidden, options (cards), choices (ticks), tick, textarea or input.

    Radio buttons are cards and check boxes a list; `as="choices"` on the component says otherwise.
    """
    if field.is_hidden:
        return "hidden"
    kinds = {"radioselect": "options", "checkboxselectmultiple": "choices", "checkbox": "tick"}
    kind = kinds.get(field.widget_type, "textarea" if field.widget_type == "textarea" else "input")
    return wanted if wanted and kind in ("options", "choices") else kind


@register.simple_tag
def sized(field: BoundField, rows: str = "") -> SafeString:
    """The control itself, a textarea with as many rows as asked for."""
    return field.as_widget(attrs={"rows": rows} if rows else None)


@register.filter
def messages_of(field: BoundField) -> list[str]:
    """The errors of one field, each a sentence with the field's name: "请填写措施"."""
    return [_sentence(field, error) for error in field.errors.as_data()]


def _sentence(field: BoundField, error: ValidationError) -> str:
    text = str(error.messages[0])
    required = Field.default_error_messages["required"]  # a choice's or a date's own table does not repeat it
    if error.code != "required" or text != str(required):
        return text
    label = str(field.label).rstrip("：")
    if field.widget_type == "checkbox":
        return f"请勾选“{label}”"
    return f"请选择{label}" if hasattr(field.field, "choices") else f"请填写{label}"


@register.simple_tag
def form_errors(form: BaseForm | None, formset: BaseFormSet | None = None) -> list[dict[str, str]]:
    """Every error of a form, and of the forms of a formset, with the id of the control to jump to."""
    found: list[dict[str, str]] = []
    forms = [form] if form is not None else []
    if formset is not None:
        found += [{"target": "", "text": str(text)} for text in formset.non_form_errors()]
        forms += list(formset.forms)
    for each in forms:
        found += [{"target": "", "text": str(text)} for text in each.non_field_errors()]
        for bound in each:
            found += [{"target": _target(bound), "text": text} for text in messages_of(bound)]
    return found


def _target(bound: BoundField) -> str:
    """Groups of choices have no control of their own: their fieldset carries the id."""
    return bound.id_for_label or bound.auto_id


@register.simple_tag(takes_context=True)
def unique_id(context: Context, stem: str = "u") -> str:
    """An id no other element of this page has; the same on every rendering, so that ETags hold."""
    holder: Any = context.get("request") or context
    number = getattr(holder, "_last_id", 0) + 1
    holder._last_id = number
    return f"{stem}{number}"


@register.simple_tag(takes_context=True)
def page_url(context: Context, param: str, number: int) -> str:
    """This list with its filters, on another page."""
    query = context["request"].GET.copy()
    query[param] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def page_numbers(page: Page) -> list[int | str]:
    """1 … 4 5 6 … 20"""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
