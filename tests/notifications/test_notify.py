"""A notice is written once per person and key, whatever is retried; mail is an extra that follows."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from notifications import queries, services
from notifications.models import Mail, Notice

User = get_user_model()


@pytest.fixture
def people(db):
    made = [User(username=f"u{n}", name=f"人{n}", email=f"u{n}@example.invalid") for n in range(6)]
    return User.objects.bulk_create(made)


def test_everyone_is_told_once_however_often_it_is_repeated(people):
    assert services.notify(people, subject="有新计划待审核", key="pledge:1:submit") == 6
    assert services.notify(people, subject="有新计划待审核", key="pledge:1:submit") == 0
    assert Notice.objects.count() == Mail.objects.count() == 6


def test_those_who_were_not_told_yet_are_told_at_the_repeat(people):
    services.notify(people[:2], subject="甲", key="k")
    assert services.notify(people, subject="甲", key="k") == 4


def test_people_may_be_given_as_ids_or_as_a_query_and_named_twice(people):
    services.notify([people[0], people[0].pk], subject="甲", key="k")
    services.notify(User.objects.all(), subject="甲", key="k")
    assert Notice.objects.count() == 6


@pytest.mark.parametrize("number", [1, 3, 6])
def test_any_number_of_people_costs_the_same_queries(people, number, django_assert_num_queries):
    with django_assert_num_queries(6):  # four, within a savepoint
        services.notify(people[:number], subject="甲", key="k")


def test_mail_goes_only_to_those_who_have_an_address_want_it_and_are_still_here(people):
    people[0].email, people[1].wants_mail, people[2].is_active = "", False, False
    User.objects.bulk_update(people[:3], ["email", "wants_mail", "is_active"])
    services.notify(people, subject="甲", key="k")
    assert set(Mail.objects.values_list("notice__recipient", flat=True)) == {p.pk for p in people[3:]}


def test_who_switches_mail_on_later_gets_no_old_mail(people):
    people[0].wants_mail = False
    people[0].save()
    services.notify(people[:1], subject="甲", key="k")
    people[0].wants_mail = True
    people[0].save()
    services.notify(people[:1], subject="甲", key="k")
    assert not Mail.objects.exists()


def test_a_notice_that_is_rolled_back_was_never_sent(people):
    with pytest.raises(RuntimeError), transaction.atomic():
        services.notify(people, subject="甲", key="k")
        raise RuntimeError
    assert not Notice.objects.exists() and not Mail.objects.exists()


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_link_leads_nowhere_but_into_the_site(people, link):
    with pytest.raises(IntegrityError), transaction.atomic():
        services.notify(people[:1], subject="甲", key="k", link=link)


def test_the_bell_counts_what_is_unread_in_one_query(people, django_assert_num_queries):
    services.notify(people[:1], subject="甲", key="a")
    services.notify(people[:1], subject="乙", key="b")
    services.mark_read(Notice.objects.get(key="a"))
    with django_assert_num_queries(1):
        assert queries.unread_count(people[0]) == 1
    assert services.mark_all_read(people[0]) == 1
    assert queries.unread_count(people[0]) == 0
