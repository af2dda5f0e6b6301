"""The public home and my desk: what they show, to whom, with how many queries."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.utils.html import strip_tags

from campaigns.models import Assignment, Obligation, Subject
from campaigns.services import assignments, create_from_template
from campaigns.template_files import find
from organizations.models import Organization
from organizations.services import appoint, found
from pledges import services
from pledges.models import PledgeItem
from pledges.services.fulfilment import tap
from tests.conftest import DAY

NOW = dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC)
ITEM = {
    "key": "a" * 12,
    "content": "全年上门办税十二次",
    "measures": "每月第一个星期五到企业",
    "responsible": "沈明",
    "due_on": "2010-12-20",
    "baseline": "",
    "target": "",
    "unit": "",
}


@pytest.fixture(autouse=True)
def _in_the_campaign(time_machine):
    time_machine.move_to(NOW, tick=True)


@pytest.fixture
def phase(person):
    office = person("office", "city")
    template = find("chuangxian-2010")
    campaign = create_from_template(template, name="创先争优", starts_on=template.starts_on, by=office)
    return campaign.phases.get(number=1)


@pytest.fixture
def make(person, chain, phase):
    """make("submit", "approve", title=…) -> a pledge of the branch that went through these steps."""

    def pledge(*verbs, title="财政窗口十五分钟办结", at="branch", above="general", writer="secretary"):
        author, superior = person(writer, at), person("secretary", above)
        draft = services.create_draft(chain[at], phase, by=author)
        category = phase.campaign.rubric.filter(subject=Subject.ORGANIZATION).first()
        text = {"title": title, "category": category.pk, "directions": ["masses"], "aim": "", "items": [ITEM]}
        services.save(draft, text, version=draft.version, by=author)
        own, director = person("secretary", at), person("office_director", "city")
        take = {
            "submit": lambda: services.submit(draft, by=own),
            "recall": lambda: services.recall(draft, by=own, reason="还要改"),
            "return": lambda: services.return_(draft, by=superior, reason="请写明数字"),
            "approve": lambda: services.approve(draft, by=superior),
            "propose": lambda: services.propose(draft, by=own, scope="outside"),
            "propose_inside": lambda: services.propose(draft, by=own, scope="inside"),
            "clear": lambda: services.clear(draft, by=person("office", "city")),
            "publish": lambda: services.publish(draft, by=director),
            "withdraw": lambda: services.withdraw(draft, by=director, reason="数据有误"),
        }
        for verb in verbs:
            take[verb]()
        return draft

    return pledge


ALL = ("submit", "approve", "propose", "clear", "publish")


class TestHome:
    def page(self, client):
        return client.get("/").content.decode()

    def test_without_a_campaign_it_still_says_what_this_is(self, client, db):
        text = self.page(client)
        assert "<h1>创先争优</h1>" in text
        assert "还没有公开的承诺" in text

    def test_it_shows_theme_phases_and_the_figure_with_its_denominator(self, client, make):
        make(*ALL)
        text = self.page(client)
        assert "服务发展作表率" in text
        assert "2010年6月1日至12月31日" in text
        # six that file: committee, neighbour, general, branch, sibling, foreign; not the root, not the 党组
        assert "<strong>1</strong><small>/ 6 个党组织" in " ".join(text.split())
        assert "已公开 ÷ 应公开：1 ÷ 6" in text
        assert "第二时段已公开承诺" not in text  # not begun

    def test_two_pledges_of_one_organization_count_once(self, client, make):
        make(*ALL)
        make(*ALL, title="第二份承诺")
        text = self.page(client)
        assert "1 ÷ 6" in text
        assert "第二份承诺" in text

    @pytest.mark.parametrize(
        "verbs",
        [
            (),
            ("submit",),
            ("submit", "approve", "propose"),
            ("submit", "approve", "propose_inside", "clear", "publish"),
            (*ALL, "withdraw"),
        ],
    )
    def test_what_is_not_public_is_neither_shown_nor_counted(self, client, make, verbs):
        make(*verbs, title="尚未公开的承诺")
        text = self.page(client)
        assert "尚未公开的承诺" not in text
        assert "0 ÷ 6" in text

    def test_whoever_was_founded_after_a_phase_had_ended_owes_nothing_in_it(
        self, client, make, chain, time_machine
    ):
        make(*ALL)
        Organization.objects.filter(pk=chain["sibling"].pk).update(founded_on=dt.date(2011, 1, 1))
        time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC))
        text = self.page(client)
        assert "已公开 ÷ 应公开：1 ÷ 5" in text
        assert "已公开 ÷ 应公开：0 ÷ 6" in text  # the phase that runs

    def test_it_leads_to_the_organizations_of_level_one(self, client, chain):
        text = self.page(client)
        assert f'href="/organizations/{chain["committee"].pk}/"' in text
        assert f'href="/organizations/{chain["branch"].pk}/"' not in text

    def test_it_may_be_cached_and_names_nobody(self, client, make, person):
        make(*ALL)
        client.force_login(person("secretary", "branch"))
        response = client.get("/")
        assert "s-maxage" in response["Cache-Control"]
        assert "secretary-branch" not in response.content.decode()
        assert client.get("/", HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_takes_the_same_queries_for_one_and_three(
        self, client, make, count, django_assert_max_num_queries
    ):
        for number in range(count):
            make(*ALL, title=f"承诺{number}")
        with django_assert_max_num_queries(6):
            self.page(client)


class TestDesk:
    @pytest.fixture
    def page(self, client, person):
        def show(post, at):
            client.force_login(person(post, at))
            return " ".join(client.get("/desk/").content.decode().split())

        return show

    def test_a_secretary_without_a_pledge_is_told_to_begin_one(self, page, phase, chain):
        text = page("secretary", "branch")
        assert "作出2010年公开承诺" in text
        assert f"/desk/pledges/new/?organization={chain['branch'].pk}" in text
        assert "9月30日</time> · 还有 29 天" in text

    def test_after_the_last_day_it_is_late(self, page, phase, time_machine):
        time_machine.move_to(dt.datetime(2010, 10, 3, 4, tzinfo=dt.UTC))
        text = page("secretary", "branch")
        assert "逾期未办" in text
        assert "9月30日</time> · 已逾期 3 天" in text

    def test_what_is_due_in_more_than_a_month_is_folded_away(self, client, person, phase, chain):
        assignments.refresh(
            Obligation.objects.create(
                phase=phase, expects="plan", name="补充方案", opens_on=DAY, due_on=dt.date(2010, 12, 15)
            )
        )
        client.force_login(person("secretary", "branch"))
        desk = client.get("/desk/").context["desk"]
        assert {item.duty.due_on.isoformat() for item in desk.todo} == {"2010-09-30"}
        assert [item.duty.title for item in desk.later] == ["补充方案", "报送第一时段小结"]

    def test_whoever_has_begun_is_told_once_how_to_go_on_and_by_when(self, client, person, make):
        make()
        client.force_login(person("secretary", "branch"))
        mine = [item for item in client.get("/desk/").context["desk"].todo if "公开承诺" in item.duty.title]
        assert [(item.duty.label, item.duty.due_on) for item in mine] == [("待提交", dt.date(2010, 9, 30))]

    def test_a_quarter_stands_there_once_with_its_own_last_day(
        self, client, person, make, phase, chain, time_machine
    ):
        make("submit", "approve")
        make("submit", "approve", title="办税服务再提速")
        earlier = Obligation.objects.create(
            phase=phase,
            expects="quarter",
            name="2010年第三季度进展",
            opens_on=DAY,
            due_on=dt.date(2010, 9, 30),
        )
        assignments.refresh(earlier)

        def told():
            client.force_login(person("secretary", "branch"))
            lines = client.get("/desk/").context["desk"].todo
            return {(t.duty.label, t.duty.title, t.duty.due_on) for t in lines if "进展" in t.duty.title}

        this_quarter = ("待填进展", "2 项党组织承诺本季度还没有填进展，点一下即可", dt.date(2010, 12, 31))
        missed = ("逾期未办", "2010年第三季度进展", dt.date(2010, 9, 30))
        time_machine.move_to(dt.datetime(2010, 12, 6, 4, tzinfo=dt.UTC))
        assert told() == {this_quarter, missed}
        Obligation.objects.filter(phase=phase, expects="quarter").exclude(pk=earlier.pk).delete()
        assert told() == {
            (*this_quarter[:2], None),
            missed,
        }  # nobody asked for it: it is no duty with a last day

    def test_the_superior_reads_how_many_below_are_late(self, page, phase, time_machine):
        time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC))
        text = page("secretary", "general")
        assert "作出2010年公开承诺：下级 2 个党组织逾期未办" in text
        assert "下级" not in page("group_head", "city")

    def test_a_draft_waits_for_its_secretary_to_submit(self, page, make):
        pledge = make()
        text = page("secretary", "branch")
        assert "待提交" in text
        assert f"/desk/pledges/{pledge.pk}/edit/" in text
        assert f"/desk/pledges/new/?organization={pledge.organization_id}" not in text

    def test_a_draft_is_for_the_liaison_to_complete(self, page, make):
        make(writer="liaison")
        assert "草稿待完善" in page("liaison", "branch")

    def test_a_returned_pledge_says_why(self, page, make):
        make("submit", "return")
        text = page("secretary", "branch")
        assert "退回待修改" in text
        assert "退回理由：请写明数字" in text

    def test_what_one_took_back_oneself_has_no_reason_to_show(self, page, make):
        make("submit", "recall")
        text = page("secretary", "branch")
        assert "待修改" in text
        assert "退回" not in text

    @pytest.mark.parametrize(
        ("verbs", "post", "at", "label"),
        [
            (("submit",), "secretary", "general", "待审定"),
            (("submit", "approve"), "secretary", "branch", "待申请公开"),
            (("submit", "approve", "propose"), "office", "city", "待保密审查"),
            (("submit", "approve", "propose", "clear"), "office_director", "city", "待批准公开"),
        ],
    )
    def test_each_step_waits_on_the_desk_of_whoever_takes_it(self, page, make, verbs, post, at, label):
        make(*verbs)
        assert label in page(post, at)

    @pytest.mark.parametrize(
        ("post", "at"),
        [("secretary", "city"), ("group_head", "city"), ("office", "city"), ("secretary", "neighbour")],
    )
    def test_it_waits_on_nobody_elses_desk(self, page, make, chain, post, at):
        make("submit", title="别人桌上的承诺")
        assert "别人桌上的承诺" not in page(post, at)

    def test_nothing_due_nothing_shown(self, page, make, person, chain):
        make(*ALL)
        for item in PledgeItem.objects.all():  # this quarter's progress
            tap(item, "ongoing", by=person("secretary", "branch"))
        owed = Assignment.objects.filter(organization=chain["branch"])
        assert owed.open().exists()
        owed.update(state="done", done_on=NOW.date())
        text = page("secretary", "branch")
        assert "现在没有等您办理的事" in text
        assert "财政窗口十五分钟办结" not in text

    def test_the_phase_and_its_windows_stand_there(self, page, phase):
        text = page("group_head", "city")
        assert "创先争优 · 第一时段" in text
        assert "9月30日截止" in text
        assert "2010年11月15日至2010年12月31日" in strip_tags(text)

    def test_with_several_posts_each_line_names_the_one_it_concerns(self, client, person, make, chain):
        make("submit")
        user = person("secretary", "general")
        appoint(user=user, post="group_member", organization=chain["neighbour"], on=DAY)
        client.force_login(get_user_model().objects.get(pk=user.pk))
        assert "身份办理" not in client.get("/desk/").content.decode()  # all of it through one post
        appoint(user=user, post="liaison", organization=chain["neighbour"], on=DAY)
        client.force_login(get_user_model().objects.get(pk=user.pk))
        text = client.get("/desk/").content.decode()
        assert "以震泽镇机关党总支 书记身份办理" in text
        assert text.count("联络员身份办理") == 3  # a plan, a pledge and, folded away, a summary

    def test_what_came_back_stands_first_whatever_waits_longer(self, page, make):
        draft = make(title="先写的草稿")
        returned = make("submit", "return", title="退回的承诺")
        text = page("secretary", "branch")
        assert text.index(f"/desk/pledges/{returned.pk}/") < text.index(f"/desk/pledges/{draft.pk}/")

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_takes_twenty_four_queries_at_most(
        self, client, person, make, count, django_assert_max_num_queries
    ):
        for number in range(count):
            make("submit", title=f"承诺{number}")
        client.force_login(person("secretary", "general"))
        with django_assert_max_num_queries(24):
            client.get("/desk/")

    @pytest.mark.parametrize(
        ("filed", "said"),
        [(30, "32 件：我要办理 2，等我审办 30"), (32, "32 件以上：我要办理 2，等我审办 30")],
    )
    def test_many_are_cut_and_counted(self, client, person, chain, phase, make, filed, said):
        for number in range(filed):
            branch = found(
                name=f"第{number}党支部", kind="branch", code=f"x{number}", parent=chain["general"], on=DAY
            )
            chain[f"b{number}"] = branch
            make("submit", title=f"承诺{number}", at=f"b{number}")
        client.force_login(person("secretary", "general"))
        text = " ".join(client.get("/desk/").content.decode().split())
        assert f'<span class="meta">{said}</span>' in text
        assert [f"第{number}党支部" in text for number in range(filed)] == [True] * 30 + [False] * (
            filed - 30
        )
        assert ("党组织承诺只列了前面的，查看全部" in text) is (filed > 30)
