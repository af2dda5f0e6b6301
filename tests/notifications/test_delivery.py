"""Mail: never lost, a repeat carries the same Message-ID, a dead server holds nobody up."""

import smtplib
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from common.models import Event
from notifications import services
from notifications.models import MAX_ATTEMPTS, Mail, Notice
from notifications.tasks import deliver

User = get_user_model()


class Refusing(EmailBackend):
    """A mail server that takes every mail but those to one person."""

    def send_messages(self, messages):
        if any("bad@" in message.to[0] for message in messages):
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


class Away(EmailBackend):
    def open(self):
        raise ConnectionRefusedError("no server")


REFUSING, AWAY = f"{__name__}.Refusing", f"{__name__}.Away"


@pytest.fixture
def reader(db):
    return User.objects.create(username="reader", name="张文", email="reader@example.invalid")


def later(minutes):
    Mail.objects.update(retry_at=timezone.now() - timedelta(minutes=minutes))


def test_a_mail_says_what_the_notice_says_and_where_to_look(reader, settings):
    settings.SITE_URL = "https://portal.example"
    services.notify([reader], subject="计划被退回", body="理由：期限不清", link="/desk/pledges/1/", key="k")
    assert deliver() == 1
    (message,) = outbox.outbox
    assert message.subject == "【创先争优平台】计划被退回"
    assert message.to == ["reader@example.invalid"]
    for words in ["张文", "理由：期限不清", "https://portal.example/desk/pledges/1/"]:
        assert words in message.body
    assert message.message()["Auto-Submitted"] == "auto-generated"


def test_a_mail_is_plain_text_as_it_was_written(reader):
    services.notify([reader], subject="甲<乙>\n丙", body="“5 & 6”", key="k")
    deliver()
    assert outbox.outbox[0].subject == "【创先争优平台】甲<乙> 丙"
    assert "“5 & 6”" in outbox.outbox[0].body


def test_what_is_sent_is_sent_once(reader):
    services.notify([reader], subject="甲", key="k")
    assert [deliver(), deliver()] == [1, 0]


def test_a_sender_that_dies_after_sending_repeats_the_same_message_id(reader):
    services.notify([reader], subject="甲", key="k")
    with mock.patch.object(Mail, "settle", side_effect=SystemExit), pytest.raises(SystemExit):
        deliver()
    assert deliver() == 0  # still leased
    later(minutes=1)
    assert deliver() == 1
    first, second = outbox.outbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"] == Notice.objects.get().message_id


def test_message_ids_differ_between_people_and_keys(reader):
    other = User.objects.create(username="other", name="李武", email="other@example.invalid")
    services.notify([reader, other], subject="甲", key="a")
    services.notify([reader, other], subject="甲", key="b")
    assert len({notice.message_id for notice in Notice.objects.all()}) == 4


def test_one_bad_address_does_not_hold_up_the_others(reader, settings):
    settings.EMAIL_BACKEND = REFUSING
    bad = User.objects.create(username="bad", name="坏", email="bad@example.invalid")
    services.notify([bad, reader], subject="甲", key="k")
    assert deliver() == 1
    assert Mail.objects.get(notice__recipient=bad).attempts == 1


def test_after_ten_attempts_a_mail_is_a_dead_letter_until_it_is_revived(reader, settings):
    settings.EMAIL_BACKEND = AWAY
    services.notify([reader], subject="甲", key="k")
    for _ in range(MAX_ATTEMPTS):
        later(minutes=1)
        deliver()
    dead = Mail.objects.dead().get()
    assert (dead.attempts, "ConnectionRefusedError" in dead.error) == (MAX_ATTEMPTS, True)
    later(minutes=1)
    assert deliver() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    services.revive(dead, by=reader)
    assert deliver() == 1
    assert Event.objects.get().kind == "mail.revive"


def test_a_dismissed_letter_is_not_sent_and_its_notice_stays(reader):
    services.notify([reader], subject="甲", key="k")
    Mail.objects.update(is_dead=True)
    services.dismiss(Mail.objects.get(), by=reader)
    assert deliver() == 0
    assert (Event.objects.get().kind, Notice.objects.count()) == ("mail.dismiss", 1)


def test_without_a_mail_server_the_first_failure_is_enough(reader, settings):
    settings.EMAIL_BACKEND = AWAY
    for number in range(services.BATCH + 5):
        services.notify([reader], subject="甲", key=f"k{number}")
    deliver()
    assert Mail.objects.filter(attempts=1).count() == services.BATCH


def test_who_mutes_mail_in_the_meantime_gets_none(reader):
    services.notify([reader], subject="甲", key="k")
    services.set_mail_wanted(reader, wanted=False)
    assert deliver() == 0
    assert not outbox.outbox
    assert not Mail.objects.pending().exists()
