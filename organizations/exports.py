"""Organizations and members within reach as .xlsx, streamed: 60,000 rows in the memory of 2,000.

The columns are those of ``resources``; phones are masked unless the post may see them. Every export is on record with who, scope and rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from import_export.resources import ModelResource

from common.events import record
from common.privacy import mask_phone
from common.spreadsheets.writer import Heading, Kind, Table, stream_workbook
from organizations.access import EVERYTHING, may, may_anywhere, within, within_reach
from organizations.models import Member, Organization
from organizations.queries.scopes import tops
from organizations.resources import Day, MemberResource, OrganizationResource, Plain, columns

EXPORT, VIEW_PHONE = "organizations.export_roster", "organizations.view_phone"
CHUNK = 2000
_WIDTHS = {"name": 16, "branch": 36, "superior": 36, "sex": 8, "ethnicity": 10, "order": 8, "is_mobile": 10}


def export_organizations(user: Any, under: Organization | None = None) -> Iterator[bytes]:
    """The living organizations within reach, superiors first; narrowed to the subtree of ``under``."""
    reach = Organization.objects.living().filter(within_reach(user, EXPORT, via=""))
    rows = (reach.filter(within(under.path)) if under else reach).in_protocol_order()
    _record("export_organizations", user, rows, under, via="")
    return stream_workbook([("党组织", _headings(OrganizationResource), _rows(OrganizationResource, rows))])


def export_members(user: Any, under: Organization | None = None) -> Iterator[bytes]:
    """The members on the rosters within reach, branch by branch."""
    reach = Member.objects.current().filter(within_reach(user, EXPORT))
    rows = reach.filter(within(under.path, via="organization__")) if under else reach
    rows = rows.order_by("organization__order_path", "pk")
    _record("export_members", user, rows, under, via="organization__")
    return stream_workbook([members_table(user, rows)])


def members_table(user: Any, rows: QuerySet[Member], resource: type[ModelResource] = MemberResource) -> Table:
    """Phones whole only where the user's post may see them: nowhere, everywhere, or row by row."""
    reach = within_reach(user, VIEW_PHONE)
    if reach == EVERYTHING:
        return "党员", _headings(resource), _rows(resource, rows)
    if not may_anywhere(user, VIEW_PHONE):
        return "党员", _headings(resource, phone=mask_phone), _rows(resource, rows)
    return "党员", _headings(resource), _masked_row_by_row(rows, reach, resource)


def _masked_row_by_row(
    rows: QuerySet[Member], reach: Q, resource: type[ModelResource]
) -> Iterator[Sequence[Any]]:
    phone = [key for key, _ in columns(resource)].index("phone")
    seen = Case(When(reach, then=Value(True)), default=Value(False), output_field=BooleanField())
    for *row, may_see_phone in _rows(resource, rows.annotate(may_see_phone=seen), "may_see_phone"):
        if not may_see_phone:
            row[phone] = mask_phone(row[phone])
        yield row


def _headings(resource: type[ModelResource], **shows: Callable[[Any], Any]) -> list[Heading]:
    """The writer applies the resource's widgets: once per different value, not once per row."""
    return [
        Heading(field.column_name, _WIDTHS.get(key, 18), _kind(key, field), shows.get(key) or _show(field))
        for key, field in columns(resource)
    ]


def _show(field: Any) -> Callable[[Any], Any] | None:
    return None if isinstance(field.widget, Plain | Day) else field.widget.render


def _kind(key: str, field: Any) -> Kind:
    if isinstance(field.widget, Day):
        return "date"
    return "number" if key == "order" else "text"


def _rows(resource: type[ModelResource], rows: QuerySet[Any], *more: str) -> Iterator[tuple[Any, ...]]:
    """One tuple of raw values per row, by a server-side cursor."""
    paths = [field.attribute for _, field in columns(resource)]
    return rows.values_list(*paths, *more).iterator(chunk_size=CHUNK)


def _record(verb: str, user: Any, rows: QuerySet[Any], under: Organization | None, via: str) -> None:
    """Written before the first byte leaves: at each top of what leaves, where its own people look for it.

    Raises PermissionDenied when the post does not export there.
    """
    places = _tops(user, under)
    if not places or not all(may(user, EXPORT, place) for place in places):
        raise PermissionDenied("您的职务不能导出名册。")
    for place in places:
        count = rows.filter(within(place.path, via=via)).count()
        record(place, verb, by=user, permission=EXPORT, after={"scope": place.name, "rows": count})


def _tops(user: Any, under: Organization | None) -> list[Organization]:
    return [under] if under is not None else list(tops(user, EXPORT))
