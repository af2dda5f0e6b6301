"""变更 on the pages: asked for, decided, and what visitors then read."""

import re

import pytest
from django.urls import reverse

from pledges import services
from pledges.models import Change, Publication
from pledges.texts import ITEM_FIELDS, text_of
from tests.pledges.publicity import a_member, draft_of, live, publish_member, said_now
from tests.pledges.test_changes import KEY, NEW, WHY, ask


@pytest.fixture
def director(person):
    return person("office_director", "city")


@pytest.fixture
def secretary(client, person):
    user = person("secretary", "branch")
    client.force_login(user)
    return user


def posted(pledge, reason=WHY, drop=(), **changed):
    """The form as the browser sends it back."""
    text = said_now(pledge, **changed)
    fields = {"title": text["title"], "aim": text["aim"], "category": text["category"]}
    fields |= {"directions": text["directions"], "reason": reason, "drop": list(drop)}
    fields |= {"publication": live(pledge).pk, "do": "ask", "item": [i["key"] for i in text["items"]]}
    for item in text["items"]:
        fields |= {f"{item['key']}-{name}": item[name] for name in ITEM_FIELDS}
    return fields


def shown(answer):
    return answer.content.decode()


def test_the_form_holds_what_is_public_and_the_request_is_made(client, secretary, published):
    url = reverse("pledges:change_new", args=[published.pk])
    page = shown(client.get(url))
    for word in ["财政窗口十五分钟办结", "每月第一个星期五到企业", "2010-12-20"]:
        assert word in page
    answer = client.post(url, posted(published, items={KEY: {"due_on": "2011年3月31日"}}), follow=True)
    change = Change.objects.get()
    assert answer.redirect_chain == [(change.get_absolute_url(), 302)]
    assert change.text["items"][0]["due_on"] == "2011-03-31"
    page = shown(answer)
    assert "<ins>" in page
    assert WHY in page
    assert "批准变更</summary>" not in page, "whoever asks does not decide"
    assert change.get_absolute_url() in shown(client.get(published.get_absolute_url()))


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"reason": " "}, 422, "请写明变更的理由"),
        ({"items": {KEY: {"content": ""}}}, 422, "请写明承诺内容"),
        ({"items": {KEY: {"due_on": "明年"}}}, 422, "的样子填写日期"),
        ({"drop": [KEY]}, 422, "请至少填写一项承诺"),
        ({}, 409, "公开的内容没有改动"),
    ],
)
def test_a_refused_form_keeps_every_word(fields, status, why, client, secretary, published):
    changed = {"title": "刚写下的新主题"} if status == 422 else {}
    answer = client.post(
        reverse("pledges:change_new", args=[published.pk]), posted(published, **{**changed, **fields})
    )
    assert answer.status_code == status
    page = shown(answer)
    assert why in page
    assert changed.get("title", "财政窗口十五分钟办结") in page
    assert fields.get("reason", WHY).strip() in page
    assert ("checked" in page.split(f'id="drop-{KEY}"')[1][:60]) == ("drop" in fields)
    assert not Change.objects.exists()


def test_one_more_item_is_added_without_a_word_lost(client, secretary, published):
    url = reverse("pledges:change_new", args=[published.pk])
    answer = client.post(url, posted(published, title="刚写下的新主题") | {"do": "add"})
    page = shown(answer)
    assert answer.status_code == 200
    assert "刚写下的新主题" in page
    assert page.count('name="item"') == 2
    assert "有 1 处需要修改" not in page


def test_a_change_of_what_changed_meanwhile_is_told_and_kept(client, secretary, director, published):
    stale = posted(published, title="刚写下的新主题")
    services.approve_change(ask(published, secretary), by=director)
    answer = client.post(reverse("pledges:change_new", args=[published.pk]), stale)
    assert answer.status_code == 409
    assert "公开的内容已经变更过" in shown(answer)
    assert "刚写下的新主题" in shown(answer)


def test_whoever_approves_sees_both_texts_and_a_second_click_changes_nothing(
    client, secretary, director, published
):
    wanted = {"items": {KEY: {"content": "全年上门办税二十四次"}, NEW: {"content": "电话13900001234预约"}}}
    change = ask(published, secretary, **wanted)
    client.force_login(director)
    page = shown(client.get(change.get_absolute_url()))
    assert "139****1234" in page
    assert "13900001234" not in page
    assert "新增" in page
    step = reverse("pledges:change_step", args=[change.pk, "approve"])
    for _ in range(2):
        answer = client.post(step, follow=True)
        assert answer.redirect_chain == [(change.get_absolute_url(), 302)]
    assert Publication.objects.count() == 2
    answer = client.post(reverse("pledges:change_step", args=[change.pk, "refuse"]), {"reason": "不必了"})
    assert answer.status_code == 409
    assert "已批准" in shown(answer)
    assert "不必了" in shown(answer)


def test_a_refusal_needs_its_reason(client, secretary, director, published):
    change = ask(published, secretary)
    client.force_login(director)
    answer = client.post(reverse("pledges:change_step", args=[change.pk, "refuse"]), {"reason": " "})
    assert answer.status_code == 422
    assert "请写明不批准变更的理由" in shown(answer)
    assert Change.objects.get().is_open


def test_visitors_read_the_new_text_and_the_one_before_beside_it(client, secretary, director, published):
    old = live(published)
    wanted = {"items": {KEY: {"due_on": "2011-03-31"}, NEW: {"content": "开通电话预约"}}}
    new = services.approve_change(ask(published, secretary, **wanted), by=director)
    services.approve_change(ask(published, secretary, reason="人员调整", items={NEW: None}), by=director)
    client.logout()
    page = shown(client.get(live(published).get_absolute_url()))
    for word in ["变更记录", "人员调整", WHY, "新增", "去掉", "开通电话预约", old.get_absolute_url()]:
        assert word in page
    before = client.get(old.get_absolute_url())
    assert before.status_code == 200
    for word in ["这是变更前的内容", f'href="{live(published).get_absolute_url()}"', "2010年12月20日"]:
        assert word in shown(before)
    assert shown(client.get(reverse("pledges:public_list"))).count("<h3><a") == 1
    assert new.get_absolute_url() not in shown(client.get(reverse("pledges:rss")))


def test_a_withdrawal_takes_every_version_down(client, secretary, director, published):
    services.approve_change(ask(published, secretary), by=director)
    ask(published, secretary, reason="还要再改", title="财政窗口十分钟办结")
    services.withdraw(published, by=director, reason="内容有误")
    client.logout()
    for publication in Publication.objects.all():
        gone = client.get(publication.get_absolute_url())
        assert gone.status_code == 410
        assert not re.search(f"财政窗口|上门办税|{WHY}|再改|有误", shown(gone))
    client.force_login(director)
    for publication in Publication.objects.all():
        assert client.get(reverse("pledges:publication", args=[publication.pk])).status_code == 404


def test_inside_the_party_the_versions_are_for_those_who_sign_in(client, person, draft, director):
    secretary = person("secretary", "branch")
    services.submit(draft, by=secretary)
    services.approve(draft, by=person("secretary", "general"))
    services.propose(draft, by=secretary, scope="inside")
    services.clear(draft, by=person("office", "city"))
    services.publish(draft, by=director)
    services.approve_change(ask(draft, secretary), by=director)
    old, new = Publication.objects.order_by("version")
    assert [client.get(each.get_absolute_url()).status_code for each in (old, new)] == [404, 404]
    client.force_login(person("secretary", "foreign"))
    assert "这是变更前的内容" in shown(client.get(reverse("pledges:publication", args=[old.pk])))
    assert WHY in shown(client.get(reverse("pledges:publication", args=[new.pk])))


@pytest.mark.parametrize("number", [1, 3])
def test_lists_and_the_public_page_cost_the_same(
    number, client, person, chain, phase, published, secretary, director, django_assert_num_queries
):
    for n in range(number):
        ask(published, secretary, title=f"财政窗口{n}分钟办结", reason=f"第{n}次")
        services.approve_change(Change.objects.get(state="requested"), by=director)
    for n in range(number):
        member = draft_of(a_member(chain["branch"], f"沈{n}"), phase, person("liaison", "branch"))
        ask(publish_member(member, person), person("liaison", "branch"), aim=f"第{n}件")
    page = live(published).get_absolute_url()
    with django_assert_num_queries(9):  # gone?, the publication, the versions; opinions 2, what was told 3
        client.get(page)
    client.force_login(person("secretary", "general"))
    client.get(reverse("pledges:changes"))
    with django_assert_num_queries(6):  # session, person · posts, unread · waiting, the page
        assert shown(client.get(reverse("pledges:changes"))).count("变更待批准") == number


def test_a_member_reads_and_changes_their_own_and_nobody_elses(
    client, chain, phase, person, django_user_model
):
    own = django_user_model.objects.create_user("own", name="沈文清")
    pledge = publish_member(draft_of(a_member(chain["branch"], user=own), phase, own), person)
    other = publish_member(
        draft_of(a_member(chain["branch"], "李同"), phase, person("liaison", "branch")), person
    )
    client.force_login(own)
    assert "申请变更" in shown(client.get(pledge.get_absolute_url()))
    url = reverse("pledges:change_new", args=[pledge.pk])
    assert "努力方向" in shown(client.get(url))
    answer = client.post(url, posted(pledge, aim="把窗口服务做实"), follow=True)
    assert Change.objects.get().text["aim"] == "把窗口服务做实"
    assert answer.status_code == 200
    change = ask(other, person("liaison", "branch"), aim="另一件")
    assert client.get(change.get_absolute_url()).status_code == 404
    assert client.get(reverse("pledges:change_new", args=[other.pk])).status_code == 404
    assert text_of(pledge)["aim"] == "把窗口服务做细"
