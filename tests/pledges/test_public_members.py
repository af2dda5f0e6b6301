"""Members' pledges as anyone reads them: name as shown, branch, items, and nothing else."""

import re
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.urls import reverse

from pledges import services
from pledges.models import NameDisplay, Pledge, Publication
from tests.pledges.conftest import item
from tests.pledges.publicity import MEMBER_ITEM, a_member, draft_of, live, publish_member

LIST = "pledges:public_members"


@pytest.fixture
def publish(chain, phase, person):
    def make(name="沈文清", place="branch", scope="outside", roster=None, **changed):
        member = a_member(chain[place], name, phone="13900001234", post_title="会计", **roster or {})
        return publish_member(
            draft_of(member, phase, person("liaison", place), **changed), person, place, scope=scope
        )

    return make


@pytest.fixture
def visit(client):
    return lambda name, *args, **query: client.get(reverse(name, args=args), query)


def names(page):
    return [row.text["person"] for row in page.context["page"].rows]


def test_anyone_reads_what_a_member_promised_and_nothing_else_about_them(visit, publish):
    pledge = publish()
    for page in [visit(LIST), visit("pledges:public_detail", live(pledge).pk)]:
        shown = page.content.decode()
        for word in ["沈文清", "震泽镇财政所党支部", "每周到村里代办一次", "2010年12月20日"]:
            assert word in shown
        for word in ["13900001234", "139****1234", "会计", "1980", "2001年", "践诺措施", "责任人", "csrf"]:
            assert word not in shown
    assert "把窗口服务做细" in shown
    assert "党员的全部公开承诺" in shown


def test_the_two_matters_stand_on_their_own_pages(visit, publish, published):
    publish()
    assert names(visit(LIST)) == ["沈文清"]
    assert "沈文清" not in visit("pledges:public_list").content.decode()
    assert "财政窗口" not in visit(LIST).content.decode()
    tabs = re.search('<nav class="chips matters".*?</nav>', visit(LIST, q="代办").content.decode(), re.S)[0]
    assert 'href="/pledges/?q=%E4%BB%A3%E5%8A%9E"' in tabs
    assert re.search('href="/pledges/members/[^"]*" aria-current="true"', tabs)


def test_a_branch_shows_its_members_together(visit, publish, chain):
    for n in range(24):
        publish(f"沈{n:02d}")
    page = visit(LIST, organization=chain["branch"].pk)
    assert len(names(page)) == 24
    assert page.content.decode().count("每周到村里代办一次") == 24
    assert "震泽镇财政所党支部党员承诺" in page.content.decode()
    assert len(names(visit(LIST, organization=chain["general"].pk))) == 20, (
        "more than one branch: page by page"
    )
    assert names(visit(LIST, organization=chain["sibling"].pk)) == []


def test_other_filters(visit, publish, campaign, phase):
    publish(items=[item("b" * 12, content="每月辅导一户", **MEMBER_ITEM)])
    publish("李同")
    assert names(visit(LIST, q="辅导")) == ["沈文清"]
    assert names(visit(LIST, q="李同")) == ["李同"]
    assert len(names(visit(LIST, category="类别1", phase=phase.pk))) == 2
    assert names(visit(LIST, category="类别2")) == []
    assert names(visit(LIST, phase=campaign.phases.get(number=2).pk)) == []


def test_under_surname_only_no_page_knows_the_given_name(visit, publish, chain):
    NameDisplay.objects.create(organization=chain["branch"], shown="surname")
    pledge = publish(
        aim="沈文清同志带头", items=[item("b" * 12, content="由沈文清每周代办一次", **MEMBER_ITEM)]
    )
    pages = [visit(LIST), visit(LIST, q="沈某"), visit("pledges:public_detail", live(pledge).pk)]
    pages += [visit("pledges:members_rss"), visit(LIST, organization=chain["branch"].pk)]
    for page in pages:
        assert "沈某" in page.content.decode()
        assert "文清" not in page.content.decode()
    assert names(visit(LIST, q="文清")) == []


def test_a_withdrawn_one_is_gone(visit, publish, person):
    pledge = publish()
    services.withdraw(pledge, by=person("secretary", "branch"), reason="本人申请")
    gone = visit("pledges:public_detail", Publication.objects.get().pk)
    assert gone.status_code == 410
    assert "沈文清" not in gone.content.decode()
    assert names(visit(LIST)) == []


def test_inside_the_party_is_for_those_who_sign_in(client, visit, publish, person):
    publish(scope="inside")
    assert names(visit(LIST)) == []
    assert "沈文清" not in visit("pledges:members_atom").content.decode()
    client.force_login(person("liaison", "foreign"))
    page = visit("pledges:published_members")
    assert names(page) == ["沈文清"]
    assert "党内公开" in page.content.decode()
    assert "沈文清" not in visit("pledges:published").content.decode()


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_costs_the_same_at_one_and_twenty(number, client, publish, chain, django_assert_num_queries):
    template = live(publish())
    url = template.get_absolute_url()
    for _ in range(number - 1):
        template.pk = None
        template.pledge = Pledge.objects.create(
            organization=template.organization, phase=template.phase, hands=[]
        )
        template.save(force_insert=True)
    cache.clear()
    with django_assert_num_queries(5):  # categories, phases · count, which twenty, their cards
        client.get(reverse(LIST))
    with django_assert_num_queries(5):  # categories, phases · the branch · which they are, the page
        client.get(reverse(LIST), {"organization": chain["branch"].pk})
    # gone?, the publication, taken down before · opinions 2 · what was told of its items 3
    with django_assert_num_queries(8):
        client.get(url)


@pytest.mark.parametrize("name", [LIST, "pledges:members_rss", "pledges:members_atom"])
def test_public_pages_may_be_kept_for_seconds_and_carry_no_cookie(name, client, publish, settings):
    publish()
    page = client.get(reverse(name))
    assert page["Cache-Control"] == f"public, max-age=0, s-maxage={settings.PUBLIC_CACHE_SECONDS}"
    assert "Cookie" not in page.get("Vary", "")
    assert not page.cookies
    assert "csrf" not in page.content.decode()
    assert client.get(reverse(name), headers={"If-None-Match": page["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["pledges:members_rss", "pledges:members_atom"])
def test_feeds_are_well_formed_and_follow_the_filters(name, visit, publish, chain):
    pledge = publish()
    feed = visit(name, organization=chain["general"].pk)
    assert "沈文清同志的公开承诺" in "".join(ElementTree.fromstring(feed.content).itertext())
    assert f"http://testserver{live(pledge).get_absolute_url()}" in feed.content.decode()
    assert "沈文清" not in visit(name, organization=chain["neighbour"].pk).content.decode()


@pytest.mark.parametrize("name", ["pledges:members_rss", "pledges:members_atom"])
def test_one_text_with_unseen_signs_does_not_take_the_feed_away_from_everyone(name, visit, publish):
    publish(items=[item(**MEMBER_ITEM | {"content": "上门\x07十二次\ufffe"})])
    feed = visit(name)
    assert "上门十二次" in "".join(ElementTree.fromstring(feed.content).itertext())


def test_the_page_of_an_organization_leads_to_both(visit, chain):
    page = visit("organizations:public_detail", chain["branch"].pk).content.decode()
    for name in ["pledges:public_list", LIST]:
        assert f'href="{reverse(name)}?organization={chain["branch"].pk}"' in page


def test_before_anything_is_published_the_page_says_so(db, visit):
    assert "还没有公开的党员承诺" in visit(LIST).content.decode()
    assert "没有符合条件" in visit(LIST, q="无").content.decode()
