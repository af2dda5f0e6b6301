"""A branch, its secretary and one member, and what a row of the entry page is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import User
from tests.pledges.members import member, promise


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def one(chain):
    return member(chain["branch"], number="D001")


@pytest.fixture
def herself(one):
    one.user = User.objects.create_user("xiaolan", name=one.name, password="Test-pass-1")
    one.save()
    return User.objects.get(pk=one.user.pk)


def url(name, place, *more):
    return reverse(f"pledges:{name}", args=[place.pk, *(each.pk for each in more)])


def boxes(page, one):
    """The row of one member as the page holds it: name -> value."""
    line = next(line for line in page.context["lines"] if line.member.pk == one.pk)
    row = {f"{one.pk}-{name}": line.form[name].value() or "" for name in line.form.fields}
    return row | {"entry": page.context["written_in"]}


def typed(one, row, phase, **said):
    values = {
        "category": str(promise(phase)["category"]),
        "aim": "零差错",
        "content_1": "上门十二次",
        "due_1": "20101220",
    }
    return row | {f"{one.pk}-{name}": value for name, value in {**values, **said}.items()}


def queries_of(browser, address):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)
