import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.services import close, create_from_template
from campaigns.template_files import find

TEMPLATE = find("chuangxian-2010")
D = dt.date
FIELDS = {"template": "chuangxian-2010", "name": "新一轮创先争优", "starts_on": "2026-03-01"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def old(office):
    campaign = create_from_template(TEMPLATE, name="首轮活动", starts_on=D(2010, 6, 1), by=office)
    return close(campaign, on=D(2012, 11, 8), by=office)


@pytest.fixture
def new(office):
    return create_from_template(TEMPLATE, name="本轮活动", starts_on=D(2026, 3, 1), by=office)


def get(client, page, /, *args, **query):
    return client.get(reverse(f"campaigns:{page}", args=args), query)


def test_the_public_page_shows_the_current_campaign(client, old, new):
    page = get(client, "public").content.decode()
    assert "<h1>本轮活动</h1>" in page
    assert TEMPLATE.theme in page
    assert "2026年10月1日至2027年4月30日" in page
    assert page.count("对应“") == 10
    assert reverse("campaigns:public_detail", args=[old.code]) in page


def test_the_archive_tells_what_the_open_end_waited_for(client, old, new):
    page = get(client, "public_detail", old.code).content.decode()
    assert "<h1>首轮活动</h1>" in page
    assert "2011年7月1日起，至党的十八大召开前" in page
    assert "还有 " not in page  # nothing is left to do in an archive


def test_between_two_campaigns_the_last_one_is_shown(client, old):
    assert "<h1>首轮活动</h1>" in get(client, "public").content.decode()


def test_before_the_first_campaign_the_page_says_so(client, db):
    response = get(client, "public")
    assert response.status_code == 200
    assert "还没有活动" in response.content.decode()


def test_a_campaign_in_preparation_is_not_public(client, office, old):
    coming = create_from_template(TEMPLATE, name="筹备中的活动", starts_on=D(2027, 1, 1), by=office)
    assert get(client, "public_detail", coming.code).status_code == 404
    assert "筹备中的活动" not in get(client, "public").content.decode()
    client.force_login(office)
    assert "筹备中的活动" in get(client, "index").content.decode()


def test_public_pages_may_be_cached_and_set_no_cookie(client, new):
    response = get(client, "public")
    assert "s-maxage" in response["Cache-Control"]
    assert not response.cookies
    assert client.get(reverse("campaigns:public"), HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304


@pytest.mark.parametrize("extra", [0, 2])
def test_the_public_page_needs_the_same_queries_for_any_number(
    client, office, new, extra, django_assert_max_num_queries
):
    for year in range(extra):
        create_from_template(TEMPLATE, name=f"更早{year}", starts_on=D(2020 + year, 3, 1), by=office)
    with django_assert_max_num_queries(7):
        get(client, "public")


def test_everyone_signed_in_reads_the_arrangement(client, person, new, old):
    client.force_login(person("liaison", "branch"))
    page = get(client, "index").content.decode()
    assert "本轮活动" in page
    assert "首轮活动" in page
    assert reverse("campaigns:create") not in page
    page = get(client, "detail", new.pk).content.decode()
    assert "2026年公开承诺" in page
    assert "登记结束" not in page


def test_without_sign_in_the_desk_is_closed(client, new):
    assert get(client, "detail", new.pk).status_code == 302


def test_the_office_sees_the_moved_dates_before_anything_is_stored(client, office):
    client.force_login(office)
    page = get(client, "create", **FIELDS).content.decode()
    assert "第二时段：2026年10月1日至2027年4月30日" in page
    assert "请逐项核对" in page  # March is not June
    assert "确认新建" in page
    assert not Campaign.objects.exists()
    assert "请逐项核对" not in get(client, "create", **FIELDS | {"starts_on": "2026-06-01"}).content.decode()


def test_the_office_confirms_and_lands_on_the_new_campaign(client, office):
    client.force_login(office)
    response = client.post(reverse("campaigns:create"), FIELDS, follow=True)
    assert Campaign.objects.get().starts_on == D(2026, 3, 1)
    assert "已新建“新一轮创先争优”" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": ""}, "活动名称"),
        ({"starts_on": "1999-12-31"}, "2000 年至 2099 年"),
        ({"starts_on": "1066-10-14"}, "年份 1066 不在"),
        ({"starts_on": "明天"}, "日期"),
        ({"template": "nothing"}, "模板"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_wrong_fields_are_named_and_nothing_is_stored(client, office, change, complaint, method):
    client.force_login(office)
    response = getattr(client, method)(reverse("campaigns:create"), FIELDS | change)
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert "确认新建" not in response.content.decode()
    assert not Campaign.objects.exists()


def test_the_same_start_again_is_told_at_the_date(client, office, new):
    client.force_login(office)
    response = client.post(reverse("campaigns:create"), FIELDS)
    assert response.status_code == 422
    assert "已经有了" in response.content.decode()


@pytest.mark.parametrize(
    ("post", "at", "status"),
    [("office_director", "city", 200), ("office", "committee", 403), ("secretary", "city", 403)],
)
def test_who_may_open_the_form(client, person, post, at, status):
    client.force_login(person(post, at))
    assert get(client, "create").status_code == status
    assert client.post(reverse("campaigns:create"), FIELDS).status_code in {302, status}
    assert Campaign.objects.exists() is (status == 200)


def test_the_office_closes_a_campaign(client, office, new):
    client.force_login(office)
    address = reverse("campaigns:close", args=[new.pk])
    response = client.post(address, {"on": "2026-01-01"})
    assert response.status_code == 422
    assert "不能早于" in response.content.decode()
    client.post(address, {"on": "2026-11-23"})
    new.refresh_from_db()
    assert new.closed_on == D(2026, 11, 23)
    client.post(address, {"on": "2026-11-24"})
    new.refresh_from_db()
    assert new.closed_on == D(2026, 11, 24), "until it is past, another last day may be named"
    Campaign.objects.update(closed_on=D(2026, 11, 22))
    refused = client.post(address, {"on": "2026-11-24"})
    assert (refused.status_code, "已经结束" in refused.content.decode()) == (422, True)


def test_closing_is_refused_to_others(client, person, office, new):
    client.force_login(person("secretary", "branch"))
    assert client.post(reverse("campaigns:close", args=[new.pk]), {"on": "2026-11-23"}).status_code == 403
