"""Who mutes mail is still reminded and urged on the desk."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from campaigns.models import Obligation, Phase
from campaigns.services import assignments, reminders
from campaigns.services.urging import urge
from notifications import services
from notifications.models import Mail, Notice

D = dt.date
MORNING = dt.datetime(2010, 9, 16, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def owes(chain, campaign, time_machine):
    time_machine.move_to(MORNING, tick=False)
    campaign.ladder = [{"days": -14, "to": "owner"}]
    campaign.save()
    obligation = Obligation.objects.create(
        phase=Phase.objects.get(number=1), expects="plan", name="报送活动方案", opens_on=D(2010, 8, 19),
        due_on=D(2010, 9, 30), made_on=D(2010, 8, 1), kinds=["branch"],
    )  # fmt: skip
    assignments.refresh(obligation)
    return obligation


def told(owes, chain, superior):
    reminders.generate(MORNING.date())
    reminders.tell(MORNING)
    urge(owes, [owes.assignments.get(organization=chain["branch"]).pk], text="请今天办好", by=superior)
    return Notice.objects.filter(recipient__username="secretary-branch").count()


@pytest.mark.parametrize("wanted", [True, False])
def test_a_digest_and_an_urging_reach_the_desk_and_the_mailbox_of_those_alone_who_want_it(
    owes, chain, person, wanted
):
    secretary = person("secretary", "branch")
    secretary.email = "secretary@example.invalid"
    secretary.save()
    services.set_mail_wanted(secretary, wanted=wanted)
    assert told(owes, chain, person("secretary", "general")) == 2
    services.deliver()
    assert len(mail.outbox) == Mail.objects.count() == (2 if wanted else 0)
