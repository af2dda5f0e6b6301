"""办理进度 in pictures and comparisons: what is drawn is what is told, and what is told is true."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from campaigns import charts
from campaigns.models import Assignment, Obligation, Phase, Urging
from campaigns.queries import progress, trend
from campaigns.queries.progress import Count
from campaigns.services import assignments
from campaigns.services.urging import urge

D = dt.date
TODAY = D(2010, 10, 8)
PROGRESS = "campaigns:progress"


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def expect(chain, campaign):
    def make(due_on, name="报送活动方案"):
        obligation = Obligation.objects.create(
            phase=Phase.objects.get(number=1), expects="plan", name=name,
            opens_on=due_on - dt.timedelta(days=42), due_on=due_on, made_on=D(2010, 5, 1),
        )  # fmt: skip
        assignments.refresh(obligation)
        return obligation

    return make


@pytest.fixture
def owes(expect):
    return expect(D(2010, 9, 30))


@pytest.fixture
def at(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def read(at):
    """read("secretary", "committee", …) -> the page as that person sees it."""

    def get(post, place, name=PROGRESS, **asked):
        answer = at(post, place).get(reverse(name), asked)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def do(obligation, chain, **when):
    for place, day in when.items():
        obligation.assignments.filter(organization=chain[place]).update(state="done", done_on=day)


def names_of(page):
    """The organizations of the level, in the order of the page."""
    table = page[page.index('id="level"') :]
    return re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', table)


def test_behind_is_below_the_whole_or_past_the_last_day():
    whole = Count(owed=10, done=5, open=5)
    assert Count(owed=5, done=2, open=3).is_behind(whole)
    assert not Count(owed=4, done=2, open=2).is_behind(whole)
    assert Count(owed=4, done=3, open=1, late=1, overdue=1).is_behind(whole)
    assert not Count(owed=1, exempt=1).is_behind(whole)


def test_figures_of_one_obligation_come_with_their_denominators(chain, owes, read):
    do(owes, chain, branch=D(2010, 9, 1), sibling=D(2010, 10, 4))
    page = " ".join(re.sub(r"<[^>]+>", " ", read("secretary", "committee", obligation=owes.pk)).split())
    for told in [
        "2 / 4 个党组织",
        "办理率 50%",
        "1 / 2 已办 逾期办 1",
        "2 / 4 应办 其中逾期 2",
        "0 / 4 列入",
    ]:
        assert told in page


def test_sorted_and_narrowed_by_links_and_odd_wishes_do_no_harm(chain, owes, read, at):
    do(owes, chain, city=TODAY, neighbour=D(2010, 9, 1), foreign=D(2010, 9, 1), branch=D(2010, 9, 1))
    city, east = "中共震泽镇委员会", "中共吴江市东方丝绸市场工作委员会"
    for asked, expected in [
        ({}, [city, east]),
        ({"sort": "rate"}, [city, east]),
        ({"sort": "late"}, [city, east]),
        ({"sort": "name"}, [east, city]),
        ({"behind": "1"}, [city]),
        ({"sort": "magic", "behind": "x", "tiles": "\0"}, [city, east]),
    ]:
        for about in ({}, {"obligation": owes.pk}):
            page = read("office", "city", **asked, **about)
            assert [name for name in names_of(page) if name in {city, east}] == expected
    browser = at("office", "city")
    for wrong in ({"obligation": "0"}, {"obligation": "x"}, {"phase": "9" * 18}, {"organization": "²"}):
        assert browser.get(reverse(PROGRESS), wrong).status_code == 404
    Obligation.objects.filter(pk=owes.pk).update(expects="unheard_of")
    assert browser.get(reverse(PROGRESS), {"obligation": owes.pk}).status_code == 404


def test_the_curve_is_drawn_from_the_rows_of_its_table(chain, owes, read):
    do(owes, chain, branch=D(2010, 8, 20), sibling=D(2010, 10, 4), foreign=D(2010, 8, 20))
    page = read("secretary", "committee", obligation=owes.pk)
    svg = ElementTree.fromstring(re.search(r'<svg class="trend".*?</svg>', page, re.S)[0])
    assert svg.find("title").text == "报送活动方案：累计已办与应办"
    assert "累计已办 2 个，应办 4 个；2010年9月30日截止" in svg.find("desc").text
    assert not [each for each in svg.iter() if "style" in each.attrib]
    drawn = [tuple(map(float, p.split(","))) for p in svg.find("polyline").get("points").split()]
    rows = [
        (int(n), int(of)) for n, of in re.findall(r'data-l="累计 / 应办" class="num">(\d+) / (\d+)<', page)
    ]
    heights = [charts.BOTTOM - (charts.BOTTOM - charts.TOP) * n / of for n, of in rows]
    assert [y for _, y in drawn] == pytest.approx(heights, abs=0.06)
    assert [n for n, _ in rows] == [1, 1, 1, 1, 1, 1, 2]
    # weeks from 19 August to the last that was done
    assert [x for x, _ in drawn] == sorted({x for x, _ in drawn})
    last_day = next(each for each in svg if each.get("class") == "trend-last")
    assert drawn[-1][0] > float(last_day.get("x1")) > drawn[-2][0]


def test_a_short_window_is_drawn_by_day_and_nobody_owing_is_not_drawn(owes):
    few = charts.trend(
        {D(2010, 9, 29): 2, None: 1}, Obligation(opens_on=D(2010, 9, 28), due_on=D(2010, 9, 30)), TODAY
    )
    assert [(p.day.day, p.new, p.total) for p in few.points] == [(28, 0, 0), (29, 2, 2), (30, 0, 2)]
    assert charts.trend({}, owes, TODAY) is None


def test_days_of_a_subtree_leave_out_the_exempt_and_the_neighbours(chain, owes):
    do(owes, chain, branch=D(2010, 9, 1), foreign=D(2010, 9, 2))
    owes.assignments.filter(organization=chain["sibling"]).update(state="exempt")
    assert trend.by_day(chain["committee"], owes) == {D(2010, 9, 1): 1, None: 2}
    assert trend.by_day(chain["city"], owes)[D(2010, 9, 2)] == 1
    assert trend.by_day(chain["general"], owes, is_alone=True) == {None: 1}


def test_every_tile_says_in_words_what_its_shade_means(chain, owes, read):
    do(owes, chain, neighbour=D(2010, 9, 1), foreign=D(2010, 9, 1), branch=D(2010, 9, 1))
    page = read("office", "city", obligation=owes.pk)
    tiles = re.findall(r'<a class="heat heat-(\w+)" href="[^"]+">(.*?)</a>', page, re.S)
    assert [(code, " ".join(re.sub(r"<[^>]+>", " ", text).split())) for code, text in tiles] == [
        ("few", "中共震泽镇委员会 1 / 4 逾期 3 ，不到一半"),
        ("full", "中共吴江市东方丝绸市场工作委员会 2 / 2 ，全部办好"),
    ]
    for words in (each.words for each in charts.SHADES):
        assert words in page
    deep = read("office", "city", obligation=owes.pk, tiles="deep")
    below = re.findall(r'<a class="heat heat-(\w+)"[^>]*>.*?<b>([^<]+)</b><span>(\d+ / \d+)', deep)
    assert below == [
        ("none", "中共震泽镇委员会（本级）", "0 / 1"),
        ("few", "震泽镇机关党总支", "1 / 3"),
        ("full", "中共吴江市东方丝绸市场工作委员会（本级）", "1 / 1"),
        ("full", "丝绸市场第一党支部", "1 / 1"),
    ]


@pytest.mark.parametrize(
    "done, due, words",
    [(0, 0, "没有应办的"), (0, 9, "都还没有办"), (4, 9, "不到一半"), (5, 10, "一半以上"), (9, 10, "九成以上"), (9, 9, "全部办好")],
)  # fmt: skip
def test_shades_change_at_half_and_nine_tenths(done, due, words):
    assert charts.shade(Count(owed=due, done=done, open=due - done)).words == words


def test_the_round_before_is_read_as_of_the_same_days_from_its_last_day(chain, expect, read):
    before, owes = expect(D(2010, 6, 30), "上一次"), expect(D(2010, 9, 30))
    assert trend.previous(owes) == before
    assert trend.previous(before) is None
    assert trend.same_day(owes, before, D(2010, 9, 25)) == D(2010, 6, 25)
    # eight days after the last day: 8 July
    do(before, chain, branch=D(2010, 7, 8), sibling=D(2010, 7, 9), general=D(2010, 6, 1))
    do(owes, chain, branch=D(2010, 9, 1))
    page = " ".join(re.sub(r"<[^>]+>", " ", read("secretary", "committee", obligation=owes.pk)).split())
    assert "上期同期：上一次 2010年6月30日 2010年7月8日 2 / 4 50%" in page
    assert "上期到现在 2010年6月30日 2010年10月8日 3 / 4 75%" in page
    assert "与上期同期相差 −25.0 个百分点" in page


def test_a_liaison_sees_their_own_organization_alone(chain, owes, read):
    page = read("liaison", "committee", obligation=owes.pk)
    assert "0</strong><small>/ 1 个党组织" in page
    assert "累计已办 0 / 1" in page
    assert 'class="heat ' not in page


def test_one_or_many_subordinates_cost_one_page_about_an_obligation_the_same(
    at, chain, expect, django_assert_num_queries
):
    expect(D(2010, 6, 30), "上一次")
    owes = expect(D(2010, 9, 30))
    browser = at("office", "city")
    browser.get(reverse(PROGRESS))
    few, many, deep = {"organization": chain["general"].pk}, {}, {"tiles": "deep"}
    for asked, count in ((few, 15), (many, 14), (deep, 16)):  # nothing stands above the root
        with django_assert_num_queries(count):
            browser.get(reverse(PROGRESS), asked | {"obligation": owes.pk})


def test_what_has_not_opened_yet_is_no_column(chain, owes, read):
    """Of a quarter that has not begun nobody has done anything, and nobody is behind."""
    Obligation.objects.create(
        phase=owes.phase, expects="plan", name="明年的方案", opens_on=D(2010, 12, 1), due_on=D(2010, 12, 31),
        made_on=D(2010, 6, 1),
    )  # fmt: skip
    assert "明年的方案" not in read("secretary", "committee", "campaigns:progress")


def test_who_owes_is_narrowed_to_the_overdue_and_by_name_and_turned_page_by_page(
    chain, owes, read, monkeypatch
):
    owes.assignments.filter(organization=chain["branch"]).update(due_on=D(2010, 11, 1), is_extended=True)
    asked = {"name": "campaigns:owing", "obligation": owes.pk}
    assert "4 个党组织未办" in read("secretary", "committee", **asked)
    overdue = read("secretary", "committee", **asked, overdue="1")
    assert "3 个党组织逾期未办" in overdue
    assert "震泽镇财政所党支部" not in overdue
    found = read("secretary", "committee", **asked, words="文化站\0")
    assert "1 个党组织未办" in found
    assert "没有符合条件的党组织" in read("secretary", "committee", **asked, words="没有这个")
    monkeypatch.setattr("campaigns.views.assignments.SHOWN", 3)
    first = read("secretary", "committee", **asked)
    onward = re.search(r'rel="next" href="\?[^"]*after=([^"&]+)"', first)[1]
    second = read("secretary", "committee", **asked, after=onward)
    assert [page.count('<th scope="row">') for page in (first, second)] == [3, 1]
    back = re.search(r'rel="prev" href="\?[^"]*before=([^"&]+)"', second)[1]
    assert read("secretary", "committee", **asked, before=back).count('<th scope="row">') == 3
    assert read("secretary", "committee", **asked, after="zzz").count('<th scope="row">') == 3


def test_what_was_urged_is_kept_for_those_who_watch_over_it(chain, owes, person, read, at):
    person("secretary", "branch")
    row = owes.assignments.get(organization=chain["branch"])
    urge(owes, [row.pk], text="请今天办好", by=person("secretary", "general"))
    assert Urging.objects.count() == 1
    for post, place, seen in [("secretary", "committee", True), ("secretary", "branch", True), ("secretary", "foreign", False)]:  # fmt: skip
        page = read(post, place, "campaigns:urgings")
        assert ("请今天办好" in page, "secretary-general" in page, "1 人" in page) == (seen,) * 3
    assert "还没有催办过" in read("office", "city", "campaigns:urgings", organization=chain["sibling"].pk)
    own = at("secretary", "committee").get(reverse("campaigns:assignment", args=[row.pk])).content.decode()
    assert "请今天办好" in own


def test_before_sending_one_reads_how_many_are_told(chain, owes, person, at):
    person("secretary", "branch")
    ticked = [
        row.pk for row in Assignment.objects.filter(organization__in=[chain["branch"], chain["sibling"]])
    ]
    answer = at("secretary", "general").post(
        reverse("campaigns:urge"),
        {"obligation": owes.pk, "assignment": ticked, "organization": chain["general"].pk},
    )
    assert "发给 1 个党组织、1 人；勾选的 2 个中有不发送的" in answer.content.decode()
    assert (
        f"obligation={owes.pk}&amp;organization={chain['general'].pk}" in answer.content.decode()
    )  # the way back


def test_the_chain_above_leads_back_as_far_as_one_may_read(chain, owes, person):
    above = progress.chain(chain["branch"], person("secretary", "committee"))
    assert [each.name for each in above] == ["中共震泽镇委员会", "震泽镇机关党总支"]
