"""The desk pages of organizations, posts and permissions, as people of different posts meet them. No script runs."""

import datetime as dt
import html
import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from common.models import Event
from organizations.access import may
from organizations.models import Organization
from organizations.services import add_member, affiliate, appoint, dissolve, found, relieve, rename
from tests.conftest import DAY
from tests.organizations.test_organizations import MEMBER, MOVE, again

TODAY = timezone.localdate().isoformat()


@pytest.fixture
def at_desk(client, person):
    """at_desk("office", "city") -> a signed-in client."""

    def sign_in(post, at):
        client.force_login(person(post, at), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def url(name, *args):
    return reverse(f"organizations:{name}", args=args)


def text(response):
    return response.content.decode()


def _turn(rel, response):
    """Where the button to the newer ("prev") or older ("next") part of a list leads."""
    return html.unescape(re.search(rf'rel="{rel}" href="([^"]*)"', text(response))[1])


class TestBrowse:
    def test_the_top_shows_its_subordinates_in_protocol_order(self, chain, at_desk):
        page = text(at_desk("liaison", "branch").get(url("browse")))
        assert page.index("中共震泽镇委员会") < page.index("中共吴江市东方丝绸市场工作委员会")
        assert "2 个下级" in page
        assert "震泽镇文化站党支部" not in page  # opened on demand

    @pytest.mark.parametrize("words", ["财政所", "zzzczs", "branch", "财政所党支部"])
    def test_found_by_name_initials_and_code(self, chain, at_desk, words):
        page = text(at_desk("liaison", "branch").get(url("browse"), {"q": words}))
        assert "震泽镇财政所党支部" in page

    def test_found_by_a_former_name(self, chain, at_desk):
        rename(chain["branch"], name="震泽镇财政分局党支部", on=MOVE, by=None)
        page = text(at_desk("liaison", "branch").get(url("browse"), {"q": "财政所"}))
        assert "震泽镇财政分局党支部" in page

    def test_dissolved_ones_show_when_asked_for(self, chain, at_desk):
        dissolve(chain["foreign"], on=MOVE, by=None)
        client = at_desk("liaison", "branch")
        assert "丝绸市场第一党支部" not in text(client.get(url("browse"), {"q": "丝绸市场第一"}))
        assert "2010年12月1日撤销" in text(client.get(url("browse"), {"state": "dissolved"}))

    def test_opening_a_node_brings_its_children_only(self, chain, at_desk):
        client = at_desk("liaison", "branch")
        to = url("children", chain["committee"].pk)
        page = text(client.get(to, headers={"HX-Request": "true"}))
        assert "震泽镇机关党总支" in page
        assert "<html" not in page
        assert client.get(to).url == url("detail", chain["committee"].pk)

    @pytest.mark.parametrize("name", ["browse", "detail", "children"])
    def test_as_many_queries_for_three_children_as_for_one(
        self, chain, at_desk, django_assert_num_queries, name
    ):
        client = at_desk("office", "city")
        args = [] if name == "browse" else [chain["general"].pk]
        headers = {"HX-Request": "true"} if name == "children" else {}
        dissolve(chain["sibling"], on=MOVE, by=None)
        client.get(url(name, *args), headers=headers)
        with _counted() as one:
            client.get(url(name, *args), headers=headers)
        for i in range(3):
            parent = chain["city"] if name == "browse" else chain["general"]
            found(name=f"新{i}", kind="branch", code=f"q{i}", parent=parent, on=DAY)
        with django_assert_num_queries(len(one)):
            client.get(url(name, *args), headers=headers)


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


class TestDetail:
    def test_superiors_and_history_are_named(self, chain, at_desk):
        rename(chain["branch"], name="震泽镇财政分局党支部", on=MOVE, by=None)
        page = text(at_desk("secretary", "branch").get(url("detail", chain["branch"].pk)))
        for words in ["中共震泽镇委员会", "震泽镇机关党总支", "曾用名：震泽镇财政所党支部", "2010年11月30日"]:
            assert words in page

    def test_what_changed_on_its_first_day_has_no_history_that_runs_backwards(self, chain, at_desk):
        made = {"kind": "branch", "code": "n9", "parent": chain["general"], "on": MOVE, "by": None}
        new = found(name="新支部", **made)
        affiliate(new, superior=chain["neighbour"], on=MOVE, by=None)
        rename(new, name="新址支部", on=MOVE, by=None)
        page = text(at_desk("office", "city").get(url("detail", new.pk)))
        assert f"隶属于{chain['neighbour'].name}" in page
        assert f"隶属于{chain['general'].name}" not in page
        assert "曾用名：新支部" in page  # still found by it
        assert "2010年11月30日" not in page
        assert again(new).superior_on(MOVE) == chain["neighbour"]

    def test_posts_are_known_along_the_chain_only(self, chain, at_desk, person):
        person("secretary", "sibling")
        here = url("detail", chain["sibling"].pk)
        assert "secretary-sibling" in text(at_desk("secretary", "general").get(here))
        assert "secretary-sibling" in text(at_desk("secretary", "sibling").get(here))
        assert "secretary-sibling" not in text(at_desk("secretary", "branch").get(here))
        assert "secretary-sibling" not in text(at_desk("office", "neighbour").get(here))

    def test_member_figures_are_for_those_who_may_see_the_roster(self, chain, at_desk):
        add_member(chain["branch"], values=MEMBER | {"standing": "probationary"}, on=DAY, by=None)
        here = url("detail", chain["committee"].pk)
        page = text(at_desk("secretary", "committee").get(here))
        assert "预备党员" in page
        assert "预备党员" not in text(at_desk("secretary", "neighbour").get(here))

    def test_a_branch_leads_to_its_pledges_and_whoever_writes_them_to_the_entries(self, chain, at_desk):
        branch = chain["branch"]
        work = reverse("pledges:fulfilment_at", args=[branch.pk])
        entry = reverse("pledges:entry", args=[branch.pk])
        page = at_desk("secretary", "branch")
        assert work in text(page.get(branch.get_absolute_url()))
        assert page.get(work).status_code == page.get(entry).status_code == 200
        assert entry in text(page.get(branch.get_absolute_url()))
        above = text(at_desk("secretary", "general").get(branch.get_absolute_url()))
        assert work in above
        assert entry not in above
        assert "践诺进展和评诺" not in text(page.get(chain["foreign"].get_absolute_url()))

    def test_changes_are_offered_to_those_who_may(self, chain, at_desk):
        def offered(post, at, where):
            page = text(at_desk(post, at).get(url("detail", chain[where].pk)))
            verbs = ["found", "rename", "amend", "reorder", "affiliate", "merge", "dissolve"]
            return [v for v in verbs if url("change", chain[where].pk, v) in page]

        every = ["found", "rename", "amend", "reorder", "affiliate", "merge", "dissolve"]
        assert offered("office", "city", "general") == every
        assert offered("office", "city", "branch") == every[1:]
        assert offered("office", "committee", "committee") == ["found", "rename", "amend"]
        assert offered("office", "city", "city") == ["found", "rename", "amend"]
        assert offered("secretary", "branch", "branch") == []
        assert offered("office", "neighbour", "branch") == []


class TestChange:
    @pytest.mark.parametrize(
        "verb", ["found", "rename", "amend", "reorder", "affiliate", "merge", "dissolve"]
    )
    def test_who_may_not_is_told_so_and_nothing_happens(self, chain, at_desk, verb):
        client = at_desk("office", "neighbour")
        before = Event.objects.count()
        for ask in (client.get, client.post):
            assert ask(url("change", chain["general"].pk, verb)).status_code == 403
        assert Event.objects.count() == before

    def test_an_unknown_change_is_not_found(self, chain, at_desk):
        assert at_desk("office", "city").get(url("change", chain["general"].pk, "explode")).status_code == 404

    def test_found(self, chain, at_desk):
        client = at_desk("office", "city")
        to = url("change", chain["general"].pk, "found")
        assert client.get(to).status_code == 200
        typed = {"name": "新支部", "kind": "branch", "code": "n9", "order": "3", "on": TODAY}
        answer = client.post(to, typed)
        new = Organization.objects.get(code="n9")
        assert answer.url == url("detail", new.pk)
        assert new.parent == chain["general"]
        again_ = client.post(to, typed)
        assert again_.status_code == 422
        assert "n9 已被使用" in text(again_)
        assert "新支部" in text(again_)  # what was typed stays

    def test_affiliate_shows_who_gains_and_loses_before_it_is_confirmed(self, chain, at_desk, person):
        person("secretary", "committee")
        person("secretary", "neighbour")
        client = at_desk("office", "city")
        to = url("change", chain["general"].pk, "affiliate")
        typed = {"superior": str(chain["neighbour"].pk), "superior_q": "", "on": TODAY, "reason": ""}
        shown = client.post(to, typed)
        page = text(shown)
        assert shown.status_code == 200
        assert again(chain["general"]).parent == chain["committee"]
        loses, gains = page.split("得到权限的任职")[0], page.split("得到权限的任职")[1]
        assert "secretary-committee" in loses
        assert "secretary-neighbour" in gains
        assert "secretary-neighbour" not in loses
        seen = shown.context["preview"].seen
        assert client.post(to, typed | {"seen": seen, "confirm": "1"}).status_code == 302
        assert again(chain["general"]).parent == chain["neighbour"]

    def test_a_confirmation_of_something_else_is_asked_again(self, chain, at_desk, person):
        client = at_desk("office", "city")
        to = url("change", chain["general"].pk, "affiliate")
        typed = {"superior": str(chain["neighbour"].pk), "on": TODAY}
        seen = client.post(to, typed).context["preview"].seen
        person("secretary", "neighbour")  # appointed between the two pages
        answer = client.post(to, typed | {"seen": seen, "confirm": "1"})
        assert answer.status_code == 409
        assert "secretary-neighbour" in text(answer)
        assert again(chain["general"]).parent == chain["committee"]

    def test_without_script_the_superior_is_typed(self, chain, at_desk):
        client = at_desk("office", "city")
        to = url("change", chain["general"].pk, "affiliate")
        answer = client.post(to, {"superior": "", "superior_q": "东方丝绸", "on": TODAY})
        assert answer.context["preview"].superior == chain["neighbour"]
        answer = client.post(to, {"superior": "", "superior_q": "中共", "on": TODAY})
        assert answer.status_code == 422
        assert "对应几个党组织" in text(answer)
        answer = client.post(to, {"superior": "", "superior_q": "没有这个", "on": TODAY})
        assert "没有找到" in text(answer)

    def test_a_superior_out_of_reach_cannot_be_named(self, chain, at_desk):
        client = at_desk("office", "committee")
        to = url("change", chain["general"].pk, "affiliate")
        for typed in ({"superior": str(chain["neighbour"].pk)}, {"superior": "", "superior_q": "东方丝绸"}):
            answer = client.post(to, typed | {"on": TODAY})
            assert answer.status_code == 422
            assert "没有找到" in text(answer)

    def test_merge_and_dissolve_say_what_follows(self, chain, at_desk):
        add_member(chain["branch"], values=MEMBER, on=DAY, by=None)
        client = at_desk("office", "city")
        to = url("change", chain["branch"].pk, "merge")
        typed = {"into": str(chain["sibling"].pk), "on": TODAY}
        shown = client.post(to, typed)
        assert "<b>1</b> 名党员的组织关系转到震泽镇文化站党支部" in text(shown)
        done = client.post(to, typed | {"seen": shown.context["preview"].seen, "confirm": "1"})
        assert done.url == url("detail", chain["sibling"].pk)
        assert "并入" in text(client.get(url("detail", chain["branch"].pk)))
        to = url("change", chain["foreign"].pk, "dissolve")
        shown = client.post(to, {"on": TODAY})
        assert "撤销以后不能恢复" in text(shown)
        client.post(to, {"on": TODAY, "seen": shown.context["preview"].seen, "confirm": "1"})
        assert again(chain["foreign"]).dissolved_on is not None

    @pytest.mark.parametrize(("verb", "at", "to", "words"), [
        ("dissolve", "general", {}, "还有2 个下级党组织"),
        ("dissolve", "branch", {"on": "2000-01-01"}, "这里还有变动"),
        ("affiliate", "general", {"superior": "general"}, "上级不能移到自己的下级之下"),
        ("affiliate", "committee", {"superior": "general"}, "上级不能移到自己的下级之下"),
        ("affiliate", "general", {"superior": "committee"}, "现在就隶属于"),
        ("merge", "general", {"into": "branch"}, "不能并入自己或自己的下级"),
        ("merge", "general", {"into": "foreign"}, "不能设下级党组织"),
    ])  # fmt: skip
    def test_what_cannot_be_done_is_said_before_there_is_anything_to_confirm(
        self, chain, at_desk, verb, at, to, words
    ):
        typed = {"on": TODAY} | {k: str(chain[v].pk) if v in chain else v for k, v in to.items()}
        client, here = at_desk("office", "city"), url("change", chain[at].pk, verb)
        answer = client.post(here, typed)
        assert answer.status_code == 422
        assert words in text(answer)
        assert 'name="confirm"' not in text(answer)
        assert client.post(here, typed | {"seen": "x", "confirm": "1"}).status_code == 422


class TestPick:
    def test_fragments_as_the_component_reads_them(self, chain, at_desk):
        page = text(at_desk("liaison", "branch").get(url("pick"), {"q": "财政所", "name": "x"}))
        assert f'role="option" data-value="{chain["branch"].pk}"' in page
        assert "震泽镇机关党总支" in page

    def test_a_scope_limits_to_what_the_post_reaches(self, chain, at_desk):
        client = at_desk("office", "committee")
        page = text(client.get(url("pick_in", "organizations.manage_organization"), {"q": "党支部"}))
        assert "震泽镇财政所党支部" in page
        assert "丝绸市场第一党支部" not in page
        assert client.get(url("pick_in", "nonsense"), {"q": "党"}).status_code == 404

    def test_twenty_at_most_the_dissolved_and_the_unasked_not(self, chain, at_desk):
        for i in range(25):
            found(name=f"第{i}支部", kind="branch", code=f"p{i}", parent=chain["general"], on=DAY)
        client = at_desk("liaison", "branch")
        assert text(client.get(url("pick"), {"q": "支部"})).count('role="option"') == 20
        assert text(client.get(url("pick"), {"q": ""})).count('role="option"') == 0
        dissolve(chain["foreign"], on=MOVE, by=None)
        assert "丝绸市场第一" not in text(client.get(url("pick"), {"q": "丝绸市场第一"}))

    def test_odd_input_is_no_error(self, chain, at_desk):
        client = at_desk("liaison", "branch")
        for words in ["%", "\\", "'", "a" * 500, "（）", "\u0000"]:
            assert client.get(url("pick"), {"q": words}).status_code == 200


class TestActAs:
    def test_the_chosen_post_narrows_until_all_are_chosen_again(self, chain, at_desk, person):
        client = at_desk("secretary", "branch")
        appoint(user=person("secretary", "branch"), post="office_director", organization=chain["city"])
        assert "需切换职务" not in text(client.get(url("my_permissions")))
        client.post(url("act_as"), {"post": f"secretary@{chain['branch'].pk}", "next": "/desk/permissions/"})
        assert client.session["acting_key"] == f"secretary@{chain['branch'].pk}"
        page = text(client.get(url("my_permissions"), {"organization": chain["branch"].pk}))
        assert "需切换职务" in page
        client.post(url("act_as"), {"post": ""})
        assert "acting_key" not in client.session

    def test_when_the_chosen_post_ends_it_is_said_once_and_nothing_narrows_any_more(
        self, chain, at_desk, person
    ):
        client = at_desk("secretary", "branch")
        appoint(user=person("secretary", "branch"), post="office_director", organization=chain["city"])
        client.post(url("act_as"), {"post": f"secretary@{chain['branch'].pk}"})
        client.get(url("my_permissions"))  # says which post was chosen
        relieve(person("secretary", "branch").appointments.get(post="secretary"))
        page = text(client.get(url("my_permissions")))
        said = "您以“震泽镇财政所党支部 书记”的身份办理，这项任职已经结束。现在以其余全部职务办理"
        assert said in page
        assert "acting_key" not in client.session
        again = text(client.get(url("my_permissions")))
        assert "已经结束" not in again
        assert "需切换职务" not in again

    def test_of_the_last_post_it_is_said_that_there_is_none(self, chain, at_desk, person):
        client = at_desk("secretary", "branch")
        client.post(url("act_as"), {"post": f"secretary@{chain['branch'].pk}"})
        relieve(person("secretary", "branch").appointments.get())
        assert "您现在没有其他职务" in text(client.get(url("my_permissions")))

    def test_only_a_post_one_holds(self, chain, at_desk):
        client = at_desk("secretary", "branch")
        answer = client.post(url("act_as"), {"post": f"office_director@{chain['city'].pk}"})
        assert answer.status_code == 403
        assert "acting_key" not in client.session
        assert client.get(url("act_as")).status_code == 405

    @pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_it_leads_nowhere_else(self, chain, at_desk, there):
        answer = at_desk("secretary", "branch").post(url("act_as"), {"post": "", "next": there})
        assert answer.url == reverse("portal:desk")


class TestPermissions:
    def test_mine_says_through_which_post_and_who_does_the_rest(self, chain, at_desk):
        page = text(at_desk("secretary", "branch").get(url("my_permissions")))
        assert "在震泽镇财政所党支部" in page
        assert "把承诺报送上级" in page
        assert "凭震泽镇财政所党支部 书记" in page
        assert "由直接上级的书记办理" in page

    def test_every_permission_has_a_name_and_an_area(self):
        from chuangxian.matrix import AREAS, LABELS, MATRIX

        assert set(LABELS) == set(MATRIX)
        assert {perm.partition(".")[0] for perm in MATRIX} <= set(AREAS)

    def test_what_the_page_says_is_what_the_check_says(self, chain, person):
        from chuangxian.matrix import LABELS, MATRIX
        from organizations.queries.explain import explain

        for post, at in [("secretary", "committee"), ("office_director", "city"), ("liaison", "branch")]:
            user = person(post, at)
            for organization in chain.values():
                said = {r.label for area in explain(user, organization) for r in area.allowed}
                assert said == {LABELS[p] for p in MATRIX if may(user, p, organization)}

    def test_of_somebody_else_for_the_office_within_its_reach(self, chain, at_desk, person):
        secretary, stranger = person("secretary", "branch"), person("secretary", "foreign")
        client = at_desk("office", "committee")
        page = text(client.get(url("permissions_of", secretary.pk)))
        assert "secretary-branch的权限" in page
        assert client.get(url("permissions_of", stranger.pk)).status_code == 404
        answer = client.get(url("permissions_of", secretary.pk), {"organization": chain["foreign"].pk})
        assert answer.status_code == 422
        assert "丝绸市场第一党支部" not in text(answer)
        assert at_desk("secretary", "general").get(url("permissions_of", secretary.pk)).status_code == 403

    def test_posts_held_out_of_the_viewers_reach_are_not_told(self, chain, at_desk, person):
        secretary = person("secretary", "branch")
        appoint(user=secretary, post="liaison", organization=chain["foreign"], on=DAY)
        address = url("permissions_of", secretary.pk)
        near, far = text(at_desk("office", "committee").get(address)), at_desk("office", "city").get(address)
        assert "震泽镇财政所党支部 书记" in near
        assert "丝绸市场第一党支部" not in near
        assert "丝绸市场第一党支部 联络员" in text(far)

    def test_nobody_without_a_post_gets_anything(self, chain, client, django_user_model):
        user = django_user_model.objects.create_user("idle", name="无职", password="Test-pass-1")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert "权限来自职务" in text(client.get(url("my_permissions")))
        assert client.get(url("audit")).status_code == 403


class TestPostsPages:
    def test_appoint_by_name_replacing_the_predecessor(self, chain, at_desk, person):
        person("secretary", "branch")
        person("liaison", "sibling")
        client = at_desk("office", "city")
        to = url("appoint", chain["branch"].pk, "appoint")
        assert "同时免去" not in text(client.get(to))
        typed = {"person": "liaison-sibling", "post": "secretary", "on": TODAY, "replacing": "False"}
        asked = client.post(to, typed)
        assert asked.status_code == 422
        assert "现由secretary-branch" in text(asked)
        assert 'type="checkbox"' in text(asked)
        assert client.post(to, typed | {"replacing": "on"}).status_code == 302
        assert may(person("liaison", "sibling"), "pledges.submit_pledge", chain["branch"])

    def test_a_new_account_shows_its_password_once_and_is_kept_by_nobody(self, chain, at_desk):
        client = at_desk("office", "city")
        typed = {"name": "张伟", "username": "zhangwei", "post": "liaison", "on": TODAY}
        sent = client.post(url("appoint", chain["branch"].pk, "account"), typed)
        there = sent.headers["Location"]
        client.head(there)  # whoever only asks for the headers takes nothing away
        answer = client.get(there)
        password = answer.context["password"]
        assert get_user_model().objects.get(username="zhangwei").check_password(password)
        assert password in text(answer)
        assert url("posts", chain["branch"].pk) in text(answer)
        assert "no-store" in answer["Cache-Control"]
        assert password not in text(client.get(url("posts", chain["branch"].pk)))
        assert password not in str(dict(client.session))
        assert password not in str(list(Event.objects.values()))

    def test_reloading_the_password_is_no_error_and_shows_it_no_more(self, chain, at_desk, person):
        secretary = person("secretary", "branch")
        client = at_desk("office", "city")
        there = client.post(url("account", secretary.pk, "reset")).headers["Location"]
        password = client.get(there).context["password"]
        again = client.get(there)
        assert again.status_code == 200
        assert password not in text(again)
        assert "已经不能再看" in text(again)
        assert url("person", secretary.pk) in text(again)

    def test_a_password_is_shown_on_no_page_but_its_own(self, chain, at_desk, person):
        one, other = person("secretary", "branch"), person("secretary", "sibling")
        client = at_desk("office", "city")
        client.post(url("account", one.pk, "reset"))
        assert "已经不能再看" in text(client.get(url("password", other.pk)))
        assert client.get(url("password", one.pk)).context["password"]

    def test_the_password_page_of_another_line_does_not_exist(self, at_desk, person):
        secretary = person("secretary", "branch")
        assert at_desk("office", "neighbour").get(url("password", secretary.pk)).status_code == 404

    def test_relieve(self, chain, at_desk, person):
        secretary = person("secretary", "branch")
        given = secretary.appointments.get()
        assert at_desk("office", "neighbour").post(url("relieve", given.pk)).status_code == 404
        assert at_desk("secretary", "general").post(url("relieve", given.pk)).status_code == 404
        assert at_desk("office", "city").post(url("relieve", given.pk)).status_code == 302
        assert not may(person("secretary", "branch"), "pledges.submit_pledge", chain["branch"])

    def test_posts_of_another_line_do_not_exist(self, chain, at_desk):
        assert at_desk("secretary", "branch").get(url("posts", chain["foreign"].pk)).status_code == 404
        assert at_desk("secretary", "branch").get(url("posts", chain["branch"].pk)).status_code == 200
        there = url("appoint", chain["branch"].pk, "appoint")
        assert at_desk("secretary", "branch").get(there).status_code == 403

    @pytest.mark.parametrize("way", ["explode", "Appoint", "-"])
    def test_a_way_that_does_not_exist_is_not_found(self, chain, at_desk, way):
        client = at_desk("office", "city")
        there = url("appoint", chain["branch"].pk, way)
        assert [client.get(there).status_code, client.post(there).status_code] == [404, 404]

    def test_accounts_are_reached_through_posts(self, chain, at_desk, person):
        secretary = person("secretary", "branch")
        client = at_desk("office", "neighbour")
        for name, args in [("person", ()), ("account", ("reset",))]:
            ask = client.post if args else client.get
            assert ask(url(name, secretary.pk, *args)).status_code == 404
        client = at_desk("office", "committee")
        assert client.get(url("person", secretary.pk)).status_code == 200
        assert "首次密码" in text(client.post(url("account", secretary.pk, "reset"), follow=True))
        assert client.post(url("account", secretary.pk, "disable")).status_code == 302
        assert client.post(url("account", secretary.pk, "explode")).status_code == 404
        appoint(user=person("liaison", "branch"), post="liaison", organization=chain["city"])
        assert client.post(url("account", person("liaison", "branch").pk, "reset")).status_code == 403

    def test_as_many_queries_for_three_posts_as_for_one(
        self, chain, at_desk, person, django_assert_num_queries
    ):
        person("secretary", "branch")
        client = at_desk("office", "city")
        client.get(url("posts", chain["branch"].pk))
        with _counted() as one:
            client.get(url("posts", chain["branch"].pk))
        person("liaison", "branch"), person("discipline", "branch")
        with django_assert_num_queries(len(one)):
            client.get(url("posts", chain["branch"].pk))


class TestAudit:
    def test_only_what_happened_within_reach_in_words(self, chain, at_desk, person):
        rename(chain["branch"], name="震泽镇财政分局党支部", on=MOVE, by=person("office", "city"))
        rename(chain["foreign"], name="丝绸市场第二党支部", on=MOVE, by=None)
        page = text(at_desk("discipline", "committee").get(url("audit")))
        assert "震泽镇财政所党支部更名为震泽镇财政分局党支部" in page
        assert "中共吴江市委员会 领导小组办公室" in page
        assert "丝绸市场第二党支部" not in page
        assert at_desk("secretary", "committee").get(url("audit")).status_code == 403

    def test_filters(self, chain, at_desk, person):
        rename(chain["branch"], name="甲支部", on=MOVE, by=person("office", "city"))
        rename(chain["foreign"], name="乙支部", on=MOVE, by=None)
        client = at_desk("office_director", "city")

        def shown(**asked):
            return text(client.get(url("audit"), asked))

        assert "更名为乙支部" in shown()
        assert "更名为乙支部" not in shown(organization=chain["committee"].pk, organization_q="")
        assert "更名为甲支部" in shown(organization=chain["committee"].pk, organization_q="")
        assert "更名为乙支部" not in shown(person="office-city")
        assert "更名为甲支部" not in shown(kind="organization.dissolve")
        assert "更名为甲支部" not in shown(until="2010-01-01")
        assert "更名为甲支部" in shown(since=TODAY)

    def test_pages_by_key(self, chain, at_desk):
        rename(chain["branch"], name="甲支部", on=MOVE, by=None)
        for i in range(60):
            Event.objects.create(
                kind="organization.dissolve", subject_name=f"组织{i:03}", place_id=chain["branch"].pk
            )
        client = at_desk("office_director", "city")
        first = client.get(url("audit"), {"kind": "organization.dissolve"})
        assert "组织059" in text(first)
        assert "组织009" not in text(first)
        second = client.get(url("audit") + _turn("next", first))
        assert "组织009" in text(second)
        assert "更名为甲支部" not in text(second)
        assert "组织059" in text(client.get(url("audit") + _turn("prev", second)))
        for odd in (
            "before=x",
            "after=-1",
            "before=99999999999999999999999",
            "since=0001-01-01&until=9999-12-31",
        ):
            assert client.get(url("audit") + f"?{odd}").status_code == 200

    def test_a_day_is_the_day_here(self, chain, at_desk):
        for what, at in [("夜里", "2010-12-19T16:00:00Z"), ("次日", "2010-12-20T16:00:00Z")]:
            Event.objects.create(
                kind="organization.dissolve",
                subject_name=what,
                place_id=chain["branch"].pk,
                created_at=dt.datetime.fromisoformat(at),
            )
        day = {"since": "2010-12-20", "until": "2010年12月20日"}
        page = text(at_desk("office_director", "city").get(url("audit"), day))
        assert "夜里" in page
        assert "次日" not in page

    def test_as_many_queries_for_three_rows_as_for_one(self, chain, at_desk, django_assert_num_queries):
        client = at_desk("discipline", "neighbour")
        client.get(url("audit"))
        with _counted() as one:
            client.get(url("audit"))
        for i in range(3):
            rename(chain["foreign"], name=f"名{i}", on=MOVE + dt.timedelta(i), by=None)
        with django_assert_num_queries(len(one)):
            client.get(url("audit"))


@pytest.mark.parametrize("name, place, more", [
    ("change", "branch", ["rename"]), ("appoint", "branch", ["account"]),
    ("member_add", "branch", []), ("member_edit", "", []), ("member_step", "", ["confirm"]),
])  # fmt: skip
def test_a_form_is_read_or_sent_and_nothing_else(chain, at_desk, name, place, more):
    client = at_desk("secretary", "branch")
    pk = chain[place].pk if place else add_member(chain["branch"], values=MEMBER, on=DAY, by=None).pk
    assert client.delete(url(name, pk, *more)).status_code == 405


def test_every_desk_page_asks_for_sign_in(chain, client):
    for name, args in [
        ("browse", []), ("detail", [chain["city"].pk]), ("pick", []), ("posts", [chain["city"].pk]),
        ("members", []), ("my_permissions", []), ("audit", []), ("change", [chain["city"].pk, "rename"]),
    ]:  # fmt: skip
        answer = client.get(url(name, *args))
        assert answer.status_code == 302
        assert "/login" in answer.url
