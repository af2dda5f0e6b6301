"""The desk pages of organizations, as people of different posts meet them. No script runs."""

import pytest
from django.urls import reverse

from common.models import Event
from organizations.models import Organization
from organizations.services import add_member, affiliate, dissolve, found, rename
from tests.conftest import DAY
from tests.organizations.pages import TODAY, counted, text, url
from tests.organizations.test_organizations import MEMBER, MOVE, again


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
        with counted() as one:
            client.get(url(name, *args), headers=headers)
        for i in range(3):
            parent = chain["city"] if name == "browse" else chain["general"]
            found(name=f"新{i}", kind="branch", code=f"q{i}", parent=parent, on=DAY)
        with django_assert_num_queries(len(one)):
            client.get(url(name, *args), headers=headers)


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


def test_every_desk_page_asks_for_sign_in(chain, client):
    for name, args in [
        ("browse", []), ("detail", [chain["city"].pk]), ("pick", []), ("posts", [chain["city"].pk]),
        ("members", []), ("my_permissions", []), ("audit", []), ("change", [chain["city"].pk, "rename"]),
    ]:  # fmt: skip
        answer = client.get(url(name, *args))
        assert answer.status_code == 302
        assert "/login" in answer.url
