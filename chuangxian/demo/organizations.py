"""The demo city's organizations, written in bulk with the dates they were founded on."""

from __future__ import annotations

from chuangxian.demo.city import Place, outline
from chuangxian.demo.clock import moment
from chuangxian.demo.history import FIRST_NAMES
from common.models import Event
from organizations.models import Affiliation, Organization
from organizations.services import draw_pks, order_segment, search_initials


def build_organizations() -> dict[str, Organization]:
    """All places of the outline; returns them by code."""
    places = outline()
    keys = draw_pks(len(places))
    made: dict[str, Organization] = {}
    for key, place in zip(keys, places, strict=True):
        made[place.code] = _organization(key, place, made.get(place.parent))
    Organization.objects.bulk_create(made.values())
    Affiliation.objects.bulk_create(
        Affiliation(organization=one, superior=one.parent, starts_on=one.founded_on) for one in made.values()
    )
    Event.objects.bulk_create(_founding(one) for one in made.values())
    return made


def _organization(key: int, place: Place, parent: Organization | None) -> Organization:
    name, short = FIRST_NAMES.get(place.name, (place.name, place.short))
    return Organization(
        pk=key,
        code=place.code,
        kind=place.kind,
        name=name,
        short_name=short,
        initials=search_initials(name, short),
        order=place.order,
        parent=parent,
        path=f"{parent.path if parent else ''}{key}.",
        order_path=f"{parent.order_path if parent else ''}{order_segment(place.order, key)}",
        hotline=f"0512-6300{key % 10_000:04d}" if place.kind != "dangzu" else "",
        founded_on=place.founded_on,
    )


def _founding(organization: Organization) -> Event:
    """What ``services.found`` would have recorded; long delivered, so it has no place in the outbox."""
    return Event(
        kind="organization.found",
        subject_label="organizations.organization",
        subject_id=str(organization.pk),
        subject_name=organization.name,
        place_id=organization.pk,
        after={
            "name": organization.name,
            "kind": organization.kind,
            "superior": organization.parent and organization.parent.pk,
        },
        created_at=moment(organization.founded_on),
    )
