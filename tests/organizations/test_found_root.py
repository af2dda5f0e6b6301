"""A new server begins with nothing: one command makes the top of the tree and whoever builds the rest."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import User
from organizations.access import may
from organizations.models import Organization


def begin(**changes):
    asked = {"name": "中共苏河市委员会", "code": "320584", "director": "林启明", "username": "lin.qiming"}
    out = StringIO()
    words = [f"--{name}={text}" for name, text in (asked | changes).items()]
    call_command("found_root", *words, stdout=out)
    return out.getvalue()


def test_the_director_signs_in_with_the_printed_password_and_founds_the_next(db, client):
    password = re.search(r"首次密码 (\w+)", begin())[1]
    answer = client.post(reverse("account_login"), {"login": "lin.qiming", "password": password})
    assert answer.status_code == 302
    director, root = User.objects.get(), Organization.objects.get()
    assert director.must_change_password
    assert (str(root), root.parent, root.path) == ("中共苏河市委员会", None, f"{root.pk}.")
    for permission in ["organizations.manage_organization", "organizations.manage_posts"]:
        assert may(director, permission, root)
    assert director.has_perm("campaigns.manage_campaign", root)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "林启明"}, "小写字母或数字"),
        ({"kind": "branch"}, "invalid choice"),
        ({"founded": "2999-01-01"}, "不能晚于今天"),
    ],
)
def test_what_does_not_hold_is_refused_and_leaves_nothing(db, changes, said):
    with pytest.raises(CommandError, match=said):
        begin(**changes)
    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_there_is_one_root(chain):
    with pytest.raises(CommandError, match="只能有一个"):
        begin()
