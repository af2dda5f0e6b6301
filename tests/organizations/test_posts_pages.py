"""Posts and permissions in the browser: acting for one of them, giving and ending them. No script runs."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from common.models import Event
from organizations.access import may
from organizations.services import appoint, relieve
from tests.conftest import DAY
from tests.organizations.pages import TODAY, counted, text, url


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
        with counted() as one:
            client.get(url("posts", chain["branch"].pk))
        person("liaison", "branch"), person("discipline", "branch")
        with django_assert_num_queries(len(one)):
            client.get(url("posts", chain["branch"].pk))
