"""What anyone may read, and what nobody outside may."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from campaigns.models import Subject
from organizations.services import rename
from pledges import services
from pledges.models import Pledge, Publication
from tests.pledges.conftest import item

LIST = "pledges:public_list"


@pytest.fixture
def visit(client):
    def get(name, *args, **query):
        return client.get(reverse(name, args=args), query)

    return get


def file_all_the_way(person, pledge, to="published", scope="outside"):
    way = [
        ("submitted", lambda: services.submit(pledge, by=person("secretary", "branch"))),
        ("approved", lambda: services.approve(pledge, by=person("secretary", "general"))),
        ("proposed", lambda: services.propose(pledge, by=person("secretary", "branch"), scope=scope)),
        ("cleared", lambda: services.clear(pledge, by=person("office", "city"))),
        ("published", lambda: services.publish(pledge, by=person("office_director", "city"))),
        (
            "withdrawn",
            lambda: services.withdraw(pledge, by=person("office_director", "city"), reason="canary理由"),
        ),
    ]
    for state, step in way:
        if to == "draft":
            return
        step()
        if state == to:
            return


def test_anyone_reads_a_published_pledge(visit, published):
    shown = visit(LIST).content.decode()
    assert "财政窗口十五分钟办结" in shown
    page = visit("pledges:public_detail", Publication.objects.get().pk)
    assert page.status_code == 200
    for said in [
        "全年上门办税十二次",
        "每月第一个星期五到企业",
        "沈明",
        "2010年12月20日",
        "震泽镇财政所党支部",
        "向群众",
    ]:
        assert said in page.content.decode()


def test_the_page_says_what_the_campaign_says_of_public_pledges(visit, campaign, published):
    campaign.texts = {"pledge_public": "写在这里的，请您来对照。"}
    campaign.save(update_fields=["texts"])
    shown = visit("pledges:public_detail", Publication.objects.get().pk).content.decode()
    assert "写在这里的，请您来对照。" in shown


def test_before_anything_is_published_the_page_says_so(db, visit):
    assert "还没有公开的承诺" in visit(LIST).content.decode()


@pytest.mark.parametrize(
    "to", ["draft", "submitted", "approved", "proposed", "cleared", "inside", "withdrawn"]
)
def test_an_unpublished_word_is_on_no_public_page(to, visit, client, person, draft, text):
    canary = "金丝雀"
    words = text(
        title=f"{canary}甲",
        items=[
            item(
                content=f"{canary}乙", measures=f"{canary}丙", responsible=f"{canary}丁", target=f"{canary}戊"
            )
        ],
    )
    services.save(draft, words, version=draft.version, by=person("secretary", "branch"))
    file_all_the_way(
        person, draft, "published" if to == "inside" else to, "inside" if to == "inside" else "outside"
    )
    pages = [
        visit(LIST),
        visit(LIST, q=canary),
        visit(LIST, q="丙"),
        visit("pledges:rss"),
        visit("pledges:atom"),
    ]
    pages += [visit("pledges:rss", q=canary), client.get("/")]
    pages += [
        visit("pledges:public_detail", pk)
        for pk in [draft.pk, *Publication.objects.values_list("pk", flat=True)]
    ]
    for page in pages:
        assert canary not in page.content.decode().replace(f'value="{canary}"', "").replace(f"：{canary}", "")
        assert "canary理由" not in page.content.decode()


def test_the_signed_in_see_the_same_public_page(visit, client, person, published):
    anonymous = visit(LIST).content
    client.force_login(person("office_director", "city"))
    assert visit(LIST).content == anonymous


def test_a_withdrawn_pledge_is_gone_and_says_when(visit, person, published):
    publication = Publication.objects.get()
    services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    page = visit("pledges:public_detail", publication.pk)
    assert page.status_code == 410
    shown = page.content.decode()
    assert "已于2010年9月1日撤下" in shown
    assert "财政窗口" not in shown
    assert "数字有误" not in shown
    assert "财政窗口" not in visit(LIST).content.decode()


def test_a_corrected_pledge_is_published_again_and_says_so(visit, person, published, text):
    first = Publication.objects.get()
    services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    secretary = person("secretary", "branch")
    services.recall(published, by=secretary, reason="改数字")
    version = Pledge.objects.get().version
    services.save(published, text(title="财政窗口二十分钟办结"), version=version, by=secretary)
    file_all_the_way(person, published)
    second = Publication.objects.published().get()
    gone = visit("pledges:public_detail", first.pk)
    assert gone.status_code == 410
    assert second.get_absolute_url() in gone.content.decode()
    page = visit("pledges:public_detail", second.pk).content.decode()
    assert "二十分钟" in page
    assert "2010年9月1日公开的内容已于2010年9月1日撤下" in page
    assert "十五分钟" not in page


def test_an_address_that_never_was_is_404(db, visit):
    assert visit("pledges:public_detail", 7).status_code == 404


def test_the_frozen_text_stays_when_the_names_change(visit, person, chain, published):
    rename(
        chain["branch"],
        name="震泽镇财政分局党支部",
        on=Publication.objects.get().published_at.date(),
        by=None,
    )
    page = visit("pledges:public_detail", Publication.objects.get().pk).content.decode()
    assert "震泽镇财政所党支部" in page


def titles(page):
    return [row.title for row in page.context["page"].rows]


def test_an_organization_stands_for_everything_below_it(visit, chain, published):
    for place in ["city", "committee", "general", "branch"]:
        assert len(titles(visit(LIST, organization=chain[place].pk))) == 1
    for place in ["neighbour", "sibling", "foreign"]:  # 900 and 9001 share a prefix
        assert titles(visit(LIST, organization=chain[place].pk)) == []
    assert titles(visit(LIST, organization=10**17)) == []


def test_an_organization_can_be_named_instead(visit, chain, published):
    assert len(titles(visit(LIST, organization_q="财政所"))) == 1
    assert titles(visit(LIST, organization_q="丝绸市场第一")) == []
    several = visit(LIST, organization_q="震泽镇")
    assert titles(several) == []
    assert f"?organization={chain['general'].pk}" in several.content.decode()


def test_other_filters(visit, campaign, published):
    category = campaign.rubric.filter(subject=Subject.ORGANIZATION).first()
    assert len(titles(visit(LIST, category=category.name, phase=published.phase_id, q="窗口"))) == 1
    assert titles(visit(LIST, category="类别3")) == []
    assert titles(visit(LIST, phase=campaign.phases.get(number=2).pk)) == []
    assert len(titles(visit(LIST, phase="nonsense", category="nonsense", before="nonsense"))) == 1


@pytest.fixture
def many(person, published):
    """25 publications of the same minute and the next ones."""
    template = Publication.objects.get()
    for n in range(24):
        template.pk = None
        template.pledge = Pledge.objects.create(
            organization=published.organization, phase=published.phase, hands=[]
        )
        template.title = f"第{n}份"
        template.save(force_insert=True)


def test_pages_go_on_without_gap_or_repeat(client, many):
    url, seen = reverse(LIST), []
    while url:
        page = client.get(url)
        seen += [row.pk for row in page.context["page"].rows]
        older = page.context["page"].older
        url = f"{reverse(LIST)}?{older}" if older else ""
    assert seen == sorted(Publication.objects.values_list("pk", flat=True), reverse=True)
    back = client.get(f"{reverse(LIST)}?{page.context['page'].newer}")
    assert [row.pk for row in back.context["page"].rows] == seen[:20]
    assert back.context["page"].newer == ""


def test_the_list_costs_the_same_at_one_and_twenty(client, published, django_assert_num_queries):
    # categories, phases · count, which twenty, their cards
    with django_assert_num_queries(5):
        client.get(reverse(LIST))


def test_the_list_of_twenty_costs_no_more(client, many, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(reverse(LIST))


def test_few_are_looked_for_once(client, many, django_assert_num_queries):
    with django_assert_num_queries(4) as asked:  # categories, phases · which they are, the page
        assert client.get(reverse(LIST), {"q": "窗口"}).context["count"] == 25
    assert sum("@@" in query["sql"] for query in asked) == 1


def test_cards_that_are_kept_cost_two_and_go_with_the_withdrawal(
    client, many, person, settings, django_assert_num_queries
):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "own"}
    }
    title = "财政窗口十五分钟办结"
    newest = Publication.objects.get(title=title)
    Publication.objects.exclude(pk=newest.pk).update(published_at=newest.published_at - dt.timedelta(days=1))
    assert title in client.get(reverse(LIST)).content.decode()
    with django_assert_num_queries(2):  # count, which twenty
        client.get(reverse(LIST))
    services.withdraw(newest.pledge, by=person("office_director", "city"), reason="内容有误")
    assert title not in client.get(reverse(LIST)).content.decode()


def test_the_detail_costs_the_same(client, published, django_assert_num_queries):
    url = Publication.objects.get().get_absolute_url()
    with django_assert_num_queries(8):  # three for what was told of its items, two for opinions
        client.get(url)


@pytest.mark.parametrize("name", [LIST, "pledges:rss", "pledges:atom"])
def test_public_pages_may_be_kept_for_seconds_and_carry_no_cookie(name, client, published, settings):
    page = client.get(reverse(name))
    assert page["Cache-Control"] == f"public, max-age=0, s-maxage={settings.PUBLIC_CACHE_SECONDS}"
    assert "Cookie" not in page.get("Vary", "")
    assert not page.cookies
    assert "csrf" not in page.content.decode()
    same = client.get(reverse(name), headers={"If-None-Match": page["ETag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("name", ["pledges:rss", "pledges:atom"])
def test_feeds_are_well_formed_and_follow_the_filters(name, visit, chain, published):
    feed = visit(name, organization=chain["general"].pk)
    tree = ElementTree.fromstring(feed.content)
    assert "财政窗口十五分钟办结" in "".join(tree.itertext())
    link = Publication.objects.get().get_absolute_url()
    assert f"http://testserver{link}" in feed.content.decode()
    other = visit(name, organization=chain["neighbour"].pk)
    assert "财政窗口" not in other.content.decode()
    assert "震泽镇机关党总支公开承诺" in "".join(tree.itertext())


def test_the_organization_is_picked_by_name_without_signing_in(visit, published):
    [address] = re.findall(r'data-picker="([^"]*)"', visit(LIST).content.decode())
    offered = visit("organizations:public_pick", q="czs")
    assert address == offered.wsgi_request.path
    assert f'data-value="{published.organization.pk}"' in offered.content.decode()
    assert "s-maxage" in offered["Cache-Control"]
