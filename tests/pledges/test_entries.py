"""Filing for members: rows, what is handed in, exemptions, and one's own pledge. What is refused writes nothing."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.duties import duties
from common.models import Event
from common.sentences import sentence
from common.states import StepRefused
from organizations.models import Member
from pledges import services
from pledges.models import Exemption, Pledge
from tests.conftest import User
from tests.pledges.conftest import fresh, item
from tests.pledges.members import entered, filed, member, pledge_of, promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def one(chain):
    return member(chain["branch"])


@pytest.fixture
def herself(one):
    """The member with an account and without any post."""
    one.user = User.objects.create_user("xiaolan", name=one.name, password="Test-pass-1")
    one.save()
    return User.objects.get(pk=one.user.pk)


# -- rows ------------------------------------------------------------------------------------


def test_a_row_begins_its_draft_and_the_same_row_again_changes_nothing(one, phase, secretary):
    sent = services.Entry(one, promise(phase), 0)
    first = services.save_entry(sent, phase, by=secretary)
    again = services.save_entry(sent, phase, by=secretary)  # the answer was lost on its way
    assert (first.pk, first.version) == (again.pk, again.version) == (pledge_of(one).pk, 2)
    assert [e.kind for e in Event.objects.about(first).order_by("pk")] == ["pledge.create", "pledge.edit"]


def test_two_who_write_one_row_are_both_told_and_nothing_is_overwritten(one, phase, secretary, person):
    entered(one, phase, secretary)
    mine = services.Entry(one, promise(phase, aim="我写的方向"), 0)
    with pytest.raises(services.Conflict) as caught:
        services.save_entry(mine, phase, by=person("liaison", "branch"))
    assert caught.value.pledge.aim == pledge_of(one).aim == "窗口服务零差错"


@pytest.mark.parametrize(
    ("post", "place", "may"),
    [
        ("secretary", "branch", True),
        ("deputy_secretary", "branch", True),
        ("liaison", "branch", True),
        ("group_member", "branch", False),
        ("secretary", "general", False),
        ("secretary", "sibling", False),
        ("office", "city", False),
    ],
)
def test_only_the_branch_itself_writes_hands_in_and_exempts(post, place, may, one, chain, phase, person):
    by = person(post, place)
    acts = [
        lambda: services.save_entry(services.Entry(one, promise(phase), 0), phase, by=by),
        lambda: services.hand_in(chain["branch"], phase, by=by),
        lambda: services.record_export(chain["branch"], 1, by=by),
        lambda: services.exempt(member(chain["branch"], "另一人"), phase, kind="frail", reason="卧床", by=by),
    ]
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()
    assert (Pledge.objects.exists(), Exemption.objects.exists()) == (may, may)


def test_the_receiving_branch_writes_for_a_mobile_member(chain, phase, secretary, person):
    mobile = member(chain["sibling"], is_mobile=True, receiving=chain["branch"])
    with pytest.raises(PermissionDenied):
        entered(mobile, phase, person("secretary", "sibling"))
    assert entered(mobile, phase, secretary).organization == chain["branch"]


def test_a_workbooks_rows_are_written_all_or_none(one, chain, phase, secretary):
    gone = member(chain["branch"], "离开的", left_on="2010-08-01", left_reason="died")
    rows = [services.Entry(each, promise(phase), 0) for each in (one, gone)]
    with pytest.raises(services.EntriesRefused) as caught:
        services.save_entries(rows, phase, by=secretary)
    assert "离开的：离开的同志已不在名册上。" in str(caught.value)
    assert not Pledge.objects.exists()
    assert len(services.save_entries(rows[:1], phase, by=secretary)) == 1


# -- 提交全部 --------------------------------------------------------------------------------


def test_what_is_complete_is_handed_in_and_the_rest_is_named(chain, phase, secretary, herself, one):
    complete, lacking, back = (member(chain["branch"], name) for name in ("齐全", "缺项", "退回"))
    entered(complete, phase, secretary)
    entered(lacking, phase, secretary, aim="", items=[item(measures="", responsible="", due_on="")])
    services.return_(filed(back, phase, secretary), by=secretary, reason="写明次数")
    entered(one, phase, herself)
    taken = services.hand_in(chain["branch"], phase, by=secretary)
    assert [p.member.name for p in taken.done] == ["齐全"]
    why = {p.member.name: said for p, said in taken.refused}
    assert why["缺项"] == "请写明努力方向。；第1项：请填写完成时限。"
    assert "没有修改" in why["退回"]
    assert "本人正在填写" in why[one.name]
    assert pledge_of(one).state == "draft"
    services.save(pledge_of(back), promise(phase, aim="改过的方向"), version=2, by=secretary)
    assert [p.member.name for p in services.hand_in(chain["branch"], phase, by=secretary).done] == ["退回"]


def test_handing_in_costs_the_same_for_one_and_for_three(chain, phase, secretary):
    counts = []
    for names in (["一"], ["二", "三", "四"]):
        for name in names:
            entered(member(chain["branch"], name), phase, secretary)
        with CaptureQueriesContext(connection) as asked:
            assert len(services.hand_in(chain["branch"], phase, by=fresh(secretary)).done) == len(names)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# -- exemptions ------------------------------------------------------------------------------


def test_an_exemption_is_recorded_with_its_reason_and_undone(one, phase, secretary):
    made = services.exempt(one, phase, kind="oral", reason=" 每月为邻居读报 ", by=secretary)
    assert (made.kind, made.reason, made.organization) == ("oral", "每月为邻居读报", one.organization)
    services.lift(made, by=secretary)
    services.lift(made, by=secretary)  # a second click
    said = Event.objects.filter(kind__startswith="exemption.").order_by("pk")
    assert [sentence(e) for e in said] == ["登记陆晓岚：口头承诺", "撤销登记：陆晓岚：口头承诺"]
    assert said[0].reason == "每月为邻居读报"
    assert said[1].before["reason"] == "每月为邻居读报"
    assert not Exemption.objects.exists()


def test_nobody_is_both_exempt_and_pledged(one, phase, secretary, herself):
    entered(one, phase, secretary)
    with pytest.raises(StepRefused, match="请先删除草稿"):
        services.exempt(one, phase, kind="frail", reason="卧床", by=secretary)
    services.submit(pledge_of(one), by=secretary)
    with pytest.raises(StepRefused, match="已经作出书面承诺"):
        services.exempt(one, phase, kind="frail", reason="卧床", by=secretary)
    Pledge.objects.all().delete()
    services.exempt(one, phase, kind="frail", reason="卧床", by=secretary)
    for by in (secretary, herself):
        with pytest.raises(StepRefused, match="请所在党支部先撤销登记"):
            services.create_member_draft(one, phase, by=by)
    with pytest.raises(StepRefused, match="请先撤销原来的登记"):
        services.exempt(one, phase, kind="oral", reason="读报", by=secretary)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "oral", "reason": "  "}, "请写明承诺了什么"),
        ({"kind": "frail", "reason": ""}, "请写明情况"),
        ({"kind": "ill", "reason": "卧床"}, "请选择情形"),
    ],
)
def test_an_exemption_without_kind_or_reason_is_refused(said, why, one, phase, secretary):
    with pytest.raises(StepRefused, match=why):
        services.exempt(one, phase, **said, by=secretary)


def test_nothing_is_exempt_from_a_round_that_is_not_running(one, campaign, secretary):
    with pytest.raises(StepRefused, match="不在进行中"):
        services.exempt(one, campaign.phases.get(number=3), kind="frail", reason="卧床", by=secretary)


# -- one's own -------------------------------------------------------------------------------


def told(user, day="2010-09-01"):
    return [(d.label, d.organization.pk) for d in duties(fresh(user), dt.date.fromisoformat(day))]


def test_who_owes_a_pledge_is_told_while_the_window_is_open(one, phase, herself, secretary):
    place = one.organization_id
    assert told(herself) == []  # no window
    phase.windows.create(strand="pledge", name="公开承诺", opens_on="2010-08-20", closes_on="2010-09-10")
    assert told(herself) == [("尚未作出承诺", place)]
    assert told(herself, "2010-09-11") == told(herself, "2010-08-19") == []
    draft = entered(one, phase, herself)
    assert told(herself) == [("草稿待提交", place)]
    services.submit(draft, by=herself)
    assert told(herself) == []
    services.return_(draft, by=secretary, reason="写明次数")
    assert told(herself) == [("退回待修改", place)]
    services.submit(draft, by=herself)
    services.recall(draft, by=herself, reason="还要改")
    assert told(herself) == [("待修改", place)]


def test_nobody_exempt_departed_or_without_a_roster_owes_one(one, phase, herself, secretary):
    phase.windows.create(strand="pledge", name="公开承诺", opens_on="2010-08-20", closes_on="2010-09-10")
    assert told(secretary) == []
    services.exempt(one, phase, kind="frail", reason="卧床", by=secretary)
    assert told(herself) == []
    Exemption.objects.all().delete()
    Member.objects.update(left_on="2010-08-31", left_reason="moved_away")
    assert told(herself) == []
