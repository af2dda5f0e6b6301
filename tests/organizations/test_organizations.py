"""成立, 更名, 调整隶属, 合并, 撤销: what each does, what it refuses, and what history says afterwards."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.utils import timezone

from common.models import Event
from organizations.access import may
from organizations.kinds import Kind
from organizations.models import Member, Organization
from organizations.services import (
    OrganizationRefused,
    add_member,
    affiliate,
    amend,
    appoint,
    dissolve,
    found,
    merge,
    rename,
    reorder,
)
from tests.conftest import DAY

MOVE = dt.date(2010, 12, 1)
MEMBER = {
    "name": "王建国",
    "sex": "m",
    "birth_month": dt.date(1970, 5, 1),
    "joined_on": dt.date(1995, 7, 1),
    "phone": "13900000001",
}


@pytest.fixture
def office(person):
    return person("office", "city")


def again(organization):
    return Organization.objects.get(pk=organization.pk)


def refused(change, *words):
    with pytest.raises(OrganizationRefused) as caught:
        change()
    for word in words:
        assert word in str(caught.value)


class TestFound:
    def test_the_path_ends_with_its_own_id_below_the_superior(self, chain, office):
        new = found(
            name="震泽镇第二党支部", kind="branch", code="n1", parent=chain["general"], on=MOVE, by=office
        )
        assert new.path == f"{chain['general'].path}{new.pk}."
        assert new.superior_on(MOVE) == chain["general"]
        assert new.superior_on(MOVE - dt.timedelta(1)) is None
        event = Event.objects.about(new).get()
        assert event.kind == "organization.found"
        assert event.actor == office
        assert event.after["superior_name"] == "震泽镇机关党总支"

    def test_one_older_than_its_superior_hangs_there_since_the_superior_exists(self, chain, office):
        old = found(
            name="老党支部",
            kind="branch",
            code="old",
            parent=chain["general"],
            on=dt.date(1998, 7, 1),
            by=office,
        )
        assert old.founded_on == dt.date(1998, 7, 1)
        assert old.superior_on(dt.date(2005, 1, 1)) is None
        assert old.superior_on(DAY) == chain["general"]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"parent": "branch"}, ["党支部不能设下级党组织"]),
            ({"parent": "dangzu"}, ["党组不能设下级党组织"]),
            ({"parent": None}, ["只能有一个"]),
            ({"name": "震泽镇文化站党支部"}, ["震泽镇机关党总支", "已有"]),
            ({"code": "branch"}, ["branch", "已被使用"]),
            ({"on": dt.date(2999, 1, 1)}, ["不能晚于今天"]),
        ],
    )
    def test_what_would_break_the_tree_is_refused_with_a_sentence(self, chain, change, words):
        values = {"name": "新支部", "kind": "branch", "code": "new", "parent": "general", "on": MOVE} | change
        values["parent"] = chain.get(values["parent"])
        refused(lambda: found(**values), *words)

    def test_only_who_manages_the_superior_may(self, chain, person):
        with pytest.raises(PermissionDenied):
            found(
                name="新", kind="branch", code="n", parent=chain["neighbour"], on=MOVE,
                by=person("office", "committee"),
            )  # fmt: skip


class TestRename:
    def test_the_old_name_is_kept_and_dated(self, chain, office):
        branch = rename(chain["branch"], name="震泽镇财政分局党支部", on=MOVE, by=office)
        assert branch.name_on(MOVE) == "震泽镇财政分局党支部"
        assert branch.name_on(MOVE - dt.timedelta(1)) == "震泽镇财政所党支部"
        assert Organization.objects.search("财政所").get() == branch
        assert Event.objects.about(branch).latest("pk").before == {
            "name": "震泽镇财政所党支部",
            "short_name": "",
        }

    def test_two_names_are_told_apart_by_day(self, chain, office):
        branch = rename(chain["branch"], name="乙支部", on=dt.date(2010, 8, 1), by=office)
        rename(branch, name="丙支部", on=dt.date(2010, 9, 1), by=office)
        days = [dt.date(2010, 7, 31), dt.date(2010, 8, 31), dt.date(2010, 9, 1)]
        assert [branch.name_on(day) for day in days] == ["震泽镇财政所党支部", "乙支部", "丙支部"][:2] + [
            "乙支部"
        ]
        assert again(branch).name_on(days[2]) == "丙支部"

    def test_history_is_not_rewritten(self, chain, office):
        branch = rename(chain["branch"], name="乙支部", on=MOVE, by=office)
        refused(lambda: rename(branch, name="丙支部", on=DAY, by=office), "2010年12月1日", "更早")
        refused(lambda: rename(branch, name="乙支部", on=MOVE, by=office), "相同")
        refused(lambda: rename(chain["sibling"], name="乙支部", on=MOVE, by=office), "已有")
        refused(lambda: rename(branch, name="丁", on=dt.date(1990, 1, 1), by=office), "成立日期")


class TestAffiliate:
    def test_the_whole_subtree_follows_and_history_stays(self, chain, office):
        affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=office)
        general, branch = again(chain["general"]), again(chain["branch"])
        assert general.path == f"{chain['neighbour'].path}{general.pk}."
        assert branch.path == f"{general.path}{branch.pk}."
        assert branch.order_path.startswith(general.order_path)
        assert general.order_path.startswith(chain["neighbour"].order_path)
        assert branch.chain_on(MOVE) == [chain["city"], chain["neighbour"], general]
        assert branch.chain_on(dt.date(2010, 11, 30)) == [chain["city"], chain["committee"], general]

    def test_who_was_the_superior_on_the_last_day_of_2010(self, chain, office):
        affiliate(chain["general"], superior=chain["neighbour"], on=dt.date(2011, 1, 1), by=office)
        assert again(chain["general"]).superior_on(dt.date(2010, 12, 31)) == chain["committee"]
        assert again(chain["general"]).superior_on(dt.date(2011, 1, 1)) == chain["neighbour"]

    def test_access_follows_the_chain(self, chain, office, person):
        affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=office)
        branch = again(chain["branch"])
        assert not may(person("secretary", "committee"), "pledges.view_pledge", branch)
        assert may(person("secretary", "neighbour"), "pledges.view_pledge", branch)
        assert may(person("secretary", "neighbour"), "pledges.approve_pledge", again(chain["general"]))

    @pytest.mark.parametrize(
        ("move", "to", "words"),
        [
            ("committee", "general", ["之内", "自己的下级"]),
            ("committee", "committee", ["之内"]),
            ("general", "foreign", ["党支部", "不能设下级"]),
            ("general", "committee", ["现在就隶属于"]),
            ("city", "committee", ["最上级"]),
        ],
    )
    def test_refusals_name_the_reason(self, chain, office, move, to, words):
        refused(lambda: affiliate(chain[move], superior=chain[to], on=MOVE, by=office), *words)

    def test_not_below_a_dissolved_one(self, chain, office):
        dissolve(chain["foreign"], on=MOVE, by=office)
        dissolve(chain["neighbour"], on=MOVE, by=office)
        refused(
            lambda: affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=office), "已撤销"
        )

    def test_only_today_or_a_past_day_within_the_current_affiliation(self, chain, office):
        def move(day):
            return lambda: affiliate(chain["general"], superior=chain["neighbour"], on=day, by=office)

        refused(move(dt.date(2999, 1, 1)), "不能晚于今天")
        refused(move(dt.date(2010, 5, 31)), "2010年6月1日", "不能改写")

    def test_a_name_already_taken_there_is_refused(self, chain, office):
        found(name=chain["general"].name, kind="general_branch", code="x", parent=chain["neighbour"], on=DAY)
        refused(lambda: affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=office), "同名")

    def test_a_past_day_on_which_it_would_have_been_its_own_superior_is_refused(self, chain, office):
        second = found(name="二级", kind=Kind.COMMITTEE, code="c2", parent=chain["committee"], on=DAY)
        affiliate(second, superior=chain["city"], on=dt.date(2010, 10, 1), by=office)
        # until 30 September the second hung below the committee
        refused(
            lambda: affiliate(chain["committee"], superior=again(second), on=dt.date(2010, 9, 1), by=office),
            "2010年10月1日",
        )
        affiliate(chain["committee"], superior=again(second), on=dt.date(2010, 10, 1), by=office)
        assert again(chain["branch"]).chain_on(dt.date(2010, 9, 15))[1] == chain["committee"]

    def test_both_superiors_must_be_in_reach(self, chain, person):
        by = person("office", "committee")
        with pytest.raises(PermissionDenied):
            affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=by)
        with pytest.raises(PermissionDenied):  # where it hangs itself is not its own to decide
            affiliate(chain["committee"], superior=chain["neighbour"], on=MOVE, by=by)
        assert again(chain["general"]).parent == chain["committee"]


class TestOrder:
    def test_the_subtree_follows_in_protocol_order(self, chain, office):
        reorder(chain["neighbour"], order=0, by=office)
        names = list(Organization.objects.in_protocol_order().values_list("code", flat=True))
        assert names.index("neighbour") < names.index("foreign") < names.index("committee")

    def test_the_superior_decides(self, chain, person):
        with pytest.raises(PermissionDenied):
            reorder(chain["committee"], order=9, by=person("office", "committee"))


class TestMerge:
    @pytest.fixture
    def member(self, chain):
        return add_member(chain["branch"], values=MEMBER, on=DAY, by=None)

    def test_members_go_along_posts_end_and_the_successor_is_known(self, chain, office, member, person):
        secretary = person("secretary", "branch")
        merge(chain["branch"], into=chain["sibling"], on=MOVE, by=office)
        branch = again(chain["branch"])
        assert (branch.dissolved_on, branch.merged_into) == (MOVE, chain["sibling"])
        member = Member.objects.get(pk=member.pk)
        assert member.organization == chain["sibling"]
        history = [(m.organization, m.starts_on, m.ends_on) for m in member.memberships.order_by("pk")]
        assert history == [(branch, DAY, MOVE), (chain["sibling"], MOVE, None)]
        assert secretary.appointments.get().ends_on == dt.date(2010, 11, 30)
        assert not may(person("secretary", "branch"), "pledges.submit_pledge", branch)
        assert branch.superior_on(MOVE) is None
        assert branch.superior_on(dt.date(2010, 11, 30)) == chain["general"]

    def test_living_subordinates_move_with_history(self, chain, office):
        merge(chain["general"], into=chain["neighbour"], on=MOVE, by=office)
        branch = again(chain["branch"])
        assert branch.parent == chain["neighbour"]
        assert branch.superior_on(DAY) == chain["general"]

    @pytest.mark.parametrize(
        ("into", "words"),
        [("branch", ["自己"]), ("general", ["不直接管理党员", "1 名"]), ("dangzu", ["不直接管理党员"])],
    )
    def test_refusals(self, chain, office, member, into, words):
        refused(lambda: merge(chain["branch"], into=chain[into], on=MOVE, by=office), *words)

    def test_a_branch_cannot_take_subordinates(self, chain, office):
        refused(lambda: merge(chain["general"], into=chain["foreign"], on=MOVE, by=office), "不能设下级")

    def test_not_before_the_last_thing_that_happened_there(self, chain, office):
        add_member(chain["branch"], values=MEMBER, on=MOVE, by=None)
        refused(lambda: merge(chain["branch"], into=chain["sibling"], on=DAY, by=office), "2010年12月1日")


class TestDissolve:
    def test_living_subordinates_and_members_are_counted_in_the_refusal(self, chain, office):
        refused(lambda: dissolve(chain["general"], on=MOVE, by=office), "2 个下级党组织")
        add_member(chain["branch"], values=MEMBER, on=DAY, by=None)
        refused(lambda: dissolve(chain["branch"], on=MOVE, by=office), "1 名党员")
        refused(lambda: dissolve(chain["city"], on=MOVE, by=office), "最上级")

    def test_posts_end_the_day_before_and_those_to_come_never_begin(self, chain, office, person):
        secretary = person("secretary", "branch")
        today = timezone.localdate()
        later = appoint(
            user=person("liaison", "sibling"), post="liaison", organization=chain["branch"],
            on=today + dt.timedelta(9),
        )  # fmt: skip
        dissolve(chain["branch"], on=today, by=office)
        assert secretary.appointments.get().ends_on == today - dt.timedelta(1)
        later.refresh_from_db()
        assert later.ends_on < later.starts_on
        assert not again(chain["branch"]).organizationuserpost_set.exists()

    def test_nothing_changes_afterwards(self, chain, office):
        dissolve(chain["branch"], on=MOVE, by=office)
        gone = chain["branch"]
        refused(lambda: rename(gone, name="新名", on=MOVE, by=office), "2010年12月1日撤销")
        refused(lambda: dissolve(gone, on=MOVE, by=office), "撤销")
        refused(lambda: affiliate(gone, superior=chain["neighbour"], on=MOVE, by=office), "撤销")
        refused(lambda: appoint(user=office, post="liaison", organization=gone), "撤销")
        # and its name is free again
        found(name=gone.name, kind="branch", code="b2", parent=chain["general"], on=MOVE, by=office)

    def test_the_superior_decides(self, chain, person):
        with pytest.raises(PermissionDenied):
            dissolve(chain["foreign"], on=MOVE, by=person("office", "committee"))


class TestAmend:
    def test_a_kind_that_cannot_hold_what_is_there_is_refused(self, chain, office):
        refused(
            lambda: amend(chain["general"], kind="branch", code="general", hotline="", by=office),
            "2 个下级党组织",
        )
        add_member(chain["branch"], values=MEMBER, on=DAY, by=None)
        refused(
            lambda: amend(chain["branch"], kind="general_branch", code="branch", hotline="", by=office),
            "1 名党员",
        )

    def test_what_did_not_change_leaves_no_trace(self, chain, office):
        before = Event.objects.count()
        amend(chain["branch"], kind="branch", code="branch", hotline="", by=office)
        assert Event.objects.count() == before
        amend(chain["branch"], kind="joint_branch", code="branch", hotline="0512-63000000", by=office)
        assert again(chain["branch"]).kind == "joint_branch"


def test_two_moves_at_once_cannot_close_a_cycle(transactional_db, chain):
    """One connection moves A below B while another moves B below A: one wins, the other is told why."""
    left = found(name="甲党委", kind="committee", code="l", parent=chain["city"], on=DAY)
    right = found(name="乙党委", kind="committee", code="r", parent=chain["city"], on=DAY)
    gate, outcomes = threading.Barrier(2), []

    def move(what, to):
        gate.wait()
        try:
            affiliate(what, superior=to, on=MOVE, by=None)
            outcomes.append("moved")
        except OrganizationRefused as refusal:
            outcomes.append(str(refusal))
        finally:
            connections.close_all()

    movers = [threading.Thread(target=move, args=pair) for pair in [(left, right), (right, left)]]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(20)
    assert outcomes.count("moved") == 1
    assert len([o for o in outcomes if "之内" in o]) == 1
    paths = dict(Organization.objects.values_list("pk", "path"))
    for pk, parent in Organization.objects.exclude(parent=None).values_list("pk", "parent_id"):
        assert paths[pk] == f"{paths[parent]}{pk}."


def test_two_siblings_cannot_take_one_name_at_once(transactional_db, chain):
    """The second is told in words, not by a database error."""
    started, told = threading.Event(), []

    def take(what):
        rename(what, name="震泽镇综合党支部", on=MOVE, by=None)

    def take_too():
        started.set()
        try:
            take(chain["sibling"])
        except Exception as error:  # told to the main thread
            told.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=take_too)
    with transaction.atomic():
        take(chain["branch"])
        thread.start()
        started.wait(5)
        connection.cursor().execute("SELECT pg_sleep(0.3)")
    thread.join(20)
    assert [type(error) for error in told] == [OrganizationRefused]
    assert "已有“震泽镇综合党支部”" in str(told[0])


def test_a_child_founded_during_a_move_gets_the_new_path(transactional_db, chain):
    started, failed = threading.Event(), []

    def found_one():
        started.set()
        try:
            found(name="新支部", kind="branch", code="late", parent=chain["general"], on=MOVE)
        except Exception as error:  # told to the main thread
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=found_one)
    with transaction.atomic():
        affiliate(chain["general"], superior=chain["neighbour"], on=MOVE, by=None)
        thread.start()
        started.wait(5)
        connection.cursor().execute("SELECT pg_sleep(0.3)")
    thread.join(20)
    assert failed == []
    assert Organization.objects.get(code="late").path.startswith(chain["neighbour"].path)
