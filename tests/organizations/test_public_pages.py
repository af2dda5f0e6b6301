"""What anyone may see of the tree: the same bytes for everyone, no person, nothing dissolved."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations.services import add_member, amend, dissolve, found
from tests.conftest import DAY
from tests.organizations.pages import text, url
from tests.organizations.test_organizations import MEMBER, MOVE

PUBLISHED = ("public_list", "public_members", "public_plans")


def test_two_levels_in_protocol_order_with_links_below(chain, client):
    page = text(client.get(url("public_list")))
    assert page.index("中共震泽镇委员会") < page.index("中共吴江市东方丝绸市场工作委员会")
    assert "震泽镇机关党总支" in page
    assert url("public_detail", chain["general"].pk) in page


def test_the_whole_tree_can_be_walked_down_and_up(chain, client):
    """By links alone, from the list to the last branch, each step to the next level, and back by the crumbs."""
    leaf = chain["committee"]
    for depth in range(4):
        leaf = found(name=f"第{depth}层党委", kind="committee", code=f"deep{depth}", parent=leaf, on=DAY)
    organizations = {url("public_detail", o.pk): o for o in type(leaf).objects.public()}
    seen, ahead = set(), [url("public_list")]
    while ahead:
        page = text(client.get(ahead.pop()))
        new = {to for to in re.findall(r'href="([^"]+)"', page) if to in organizations} - seen
        seen |= new
        ahead += new
    assert seen == set(organizations)
    for to, organization in organizations.items():
        page = text(client.get(to))
        crumbs, below = page.split('aria-label="所在位置"')[1].split("</nav>")[0], page.split("</h1>")[1]
        assert [url("public_detail", pk) in crumbs for pk in organization.ancestor_ids] == [True] * (
            organization.depth - 1
        )
        for child in organization.children.public():
            assert url("public_detail", child.pk) in below
            if number := child.children.public().count():
                assert re.search(rf"{child.name}</a><span class=\"meta\">{number} 个下级", below)


def test_an_organization_with_its_chain_hotline_and_the_ways_to_what_it_published(chain, client):
    amend(chain["committee"], kind="committee", code="committee", hotline="0512-63000000", by=None)
    page = text(client.get(url("public_detail", chain["committee"].pk)))
    for words in [
        "中共吴江市委员会",
        "0512-63000000",
        "震泽镇机关党总支",
        *(f"{reverse(f'pledges:{to}')}?organization={chain['committee'].pk}" for to in PUBLISHED),
    ]:
        assert words in page


def test_no_person_is_named_anywhere(chain, client, person):
    person("secretary", "branch")
    add_member(chain["branch"], values=MEMBER, on=DAY, by=None)
    pages = [url("public_list"), *(url("public_detail", o.pk) for o in chain.values())]
    for page in map(text, map(client.get, pages)):
        assert "王建国" not in page
        assert "secretary-branch" not in page


def test_a_dissolved_one_is_gone(chain, client):
    dissolve(chain["foreign"], on=MOVE, by=None)
    assert client.get(url("public_detail", chain["foreign"].pk)).status_code == 404
    assert "丝绸市场第一党支部" not in text(client.get(url("public_list"), {"q": "丝绸市场第一"}))


def test_search_finds_by_initials(chain, client):
    assert "震泽镇财政所党支部" in text(client.get(url("public_list"), {"q": "zzzczs"}))


def test_the_same_for_everyone_and_cacheable(chain, client, person):
    anonymous = client.get(url("public_list"))
    client.force_login(person("office", "city"), backend="django.contrib.auth.backends.ModelBackend")
    signed_in = client.get(url("public_list"))
    assert anonymous.content == signed_in.content
    assert "public" in anonymous["Cache-Control"]
    assert "Cookie" not in anonymous.get("Vary", "")
    assert "csrf" not in text(anonymous)
    assert not anonymous.cookies
    assert client.get(url("public_list"), headers={"If-None-Match": anonymous["ETag"]}).status_code == 304


def test_as_many_queries_for_three_as_for_one(chain, client, django_assert_num_queries):
    for to in (url("public_list"), url("public_detail", chain["city"].pk)):
        client.get(to)
        with CaptureQueriesContext(connection) as one:
            client.get(to)
        for i in range(3):
            found(name=f"新{to}{i}", kind="branch", code=f"{to}{i}"[:40], parent=chain["city"], on=DAY)
        with django_assert_num_queries(len(one)):
            client.get(to)
