"""The audit, as people of different posts read it. No script runs."""

import datetime as dt

import pytest

from common.models import Event
from organizations.services import add_member, rename
from tests.conftest import DAY
from tests.organizations.pages import TODAY, counted, text, turn, url
from tests.organizations.test_organizations import MEMBER, MOVE


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
        second = client.get(url("audit") + turn("next", first))
        assert "组织009" in text(second)
        assert "更名为甲支部" not in text(second)
        assert "组织059" in text(client.get(url("audit") + turn("prev", second)))
        for odd in (
            "before=x",
            "after=-1",
            "before=99999999999999999999999",
            "since=1900-01-01&until=2099-12-31",
        ):
            assert client.get(url("audit") + f"?{odd}").status_code == 200
        refused = client.get(url("audit") + "?since=0001-01-01&until=9999-12-31")
        assert refused.status_code == 422
        assert "年份 9999 不在 1900 年至 2099 年之间" in text(refused)

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
        with counted() as one:
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
