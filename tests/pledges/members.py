"""Members on rosters, for the tests of their pledges."""

import datetime as dt

from campaigns.models import Subject
from organizations.models import Member
from pledges import services
from pledges.models import Pledge
from pledges.texts import blank_text
from tests.pledges.conftest import item


def member(place, name="陆晓岚", **said):
    values = {"sex": "f", "birth_month": dt.date(1980, 8, 1), "joined_on": dt.date(2001, 7, 1), **said}
    return Member.objects.create(organization=place, name=name, **values)


def promise(phase, **said):
    """A complete text of a member's pledge."""
    category = phase.campaign.rubric.filter(subject=Subject.MEMBER).first()
    plan = item(measures="", responsible="")
    return blank_text(
        **{
            "category": category.pk,
            "aim": "窗口服务零差错",
            "directions": ["organization", "masses"],
            "items": [plan],
            **said,
        }
    )


def entered(one, phase, by, **said):
    return services.save_entry(services.Entry(one, promise(phase, **said), 0), phase, by=by)


def filed(one, phase, by, **said):
    return services.submit(entered(one, phase, by, **said), by=by)


def pledge_of(one):
    return Pledge.objects.get(member=one)
