"""Members' pledges all the way to the public page, and changes of what stands there."""

import datetime as dt

from campaigns.models import Subject
from organizations.models import Member
from pledges import services
from pledges.models import LIVE, Pledge
from pledges.texts import text_of
from tests.pledges.conftest import item

MEMBER_ITEM = {"measures": "", "responsible": ""}


def a_member(place, name="沈文清", **changed):
    said = {"sex": "f", "birth_month": dt.date(1980, 8, 1), "joined_on": dt.date(2001, 7, 1)}
    return Member.objects.create(organization=place, name=name, **said | changed)


def member_text(phase, **changed):
    category = phase.campaign.rubric.filter(subject=Subject.MEMBER).first().pk
    said = {
        "title": "",
        "category": category,
        "directions": ["organization", "masses"],
        "aim": "把窗口服务做细",
        "items": [item("b" * 12, content="每周到村里代办一次", **MEMBER_ITEM)],
    }
    return said | changed


def draft_of(member, phase, by, **changed):
    pledge = services.create_member_draft(member, phase, by=by)
    return services.save(pledge, member_text(phase, **changed), version=pledge.version, by=by)


def publish_member(pledge, person, place="branch", above="general", scope="outside"):
    """Through every hand of a branch."""
    services.submit(pledge, by=person("liaison", place))
    services.approve(pledge, by=person("secretary", place))
    services.propose(pledge, by=person("liaison", place), scope=scope)
    services.clear(pledge, by=person("deputy_secretary", place))
    services.publish(pledge, by=person("secretary", place), has_seen_masks=True)
    return Pledge.objects.get(pk=pledge.pk)


def live(pledge):
    return pledge.publications.get(LIVE)


def said_now(pledge, **changed):
    """The saved text with parts of it replaced; ``items`` maps a key to changed fields, or to None for dropped."""
    text = text_of(Pledge.objects.get(pk=pledge.pk))
    items = changed.pop("items", {})
    kept = [
        each | (items.get(each["key"]) or {})
        for each in text["items"]
        if items.get(each["key"], 0) is not None
    ]
    added = [
        item(key, **fields) for key, fields in items.items() if fields and key not in {i["key"] for i in kept}
    ]
    return text | changed | {"items": [*kept, *added]}
