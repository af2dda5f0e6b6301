"""归档: the figures of a round, its closing, and that they are the same a year later."""

import datetime as dt
import hashlib
import json
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from campaigns.models import Phase
from common.models import Event
from common.states import ReasonMissing, StepRefused
from organizations.models import Member, Membership, Organization
from organizations.services import affiliate, dissolve, merge, rename
from pledges import queries, services
from pledges.models import COUNTS, Exemption, Pledge, PledgeItem, RoundArchive, RoundFigure, RoundMember
from pledges.queries import archives, figures
from tests.pledges.conftest import DAY, fresh, item

TODAY = dt.date(2010, 9, 1)


def joins(chain, place, name, **more):
    member = Member.objects.create(
        organization=chain[place],
        name=name,
        sex="f",
        birth_month=dt.date(1980, 8, 1),
        joined_on=dt.date(2001, 7, 1),
        **more,
    )
    Membership.objects.create(member=member, organization=chain[place], starts_on=dt.date(2010, 6, 1))
    return member


def promises(member, phase, by, state="submitted", items=1):
    filed = {} if state == "draft" else {"submitted_at": DAY, "submitted_by": by}
    pledge = Pledge.objects.create(
        organization=services.pledging_place(member),
        member=member,
        phase=phase,
        state=state,
        directions=["organization", "masses"],
        **filed,
    )
    for number in range(1, items + 1):
        PledgeItem.objects.create(pledge=pledge, number=number, content="带头学习", key=f"{number:012d}")
    return pledge


@pytest.fixture
def director(person):
    return person("office_director", "city")


@pytest.fixture
def members(chain, phase, author):
    """Seven of the branch by the book: written, draft only, oral, frail, none, away, and one received there."""
    found = {
        "written": joins(chain, "branch", "甲"),
        "draft": joins(chain, "branch", "乙", standing="probationary"),
        "oral": joins(chain, "branch", "丙"),
        "frail": joins(chain, "branch", "丁"),
        "none": joins(chain, "branch", "戊"),
        "away": joins(chain, "branch", "己", is_mobile=True, receiving=chain["foreign"]),
        "received": joins(chain, "sibling", "庚", is_mobile=True, receiving=chain["branch"]),
    }
    promises(found["written"], phase, author, items=2)
    promises(found["draft"], phase, author, state="draft")
    promises(found["received"], phase, author, state="returned")
    for who, kind in (("oral", "oral"), ("frail", "frail")):
        Exemption.objects.create(
            member=found[who],
            organization=chain["branch"],
            phase=phase,
            kind=kind,
            reason="登记",
            recorded_by=author,
        )
    return found


def counts_of(lines, name):
    return next(line.counts for line in lines if line.name == name)


def at(chain, name, wide=True):
    place = chain[name]
    return figures.Place(place.pk, place.name, place.path, wide)


def test_every_member_counts_once_and_the_parts_add_up(chain, members, phase):
    found = counts_of(figures.level(phase, at(chain, "general")), chain["branch"].name)
    said = {key: found[key] for key in found if key.startswith("member")}
    assert said == {
        "members": 6,
        "members_due": 5,
        "members_written": 2,
        "members_oral": 1,
        "members_exempt": 1,
        "members_open": 2,
        "member_items": 3,
    }
    foreign = counts_of(figures.level(phase, at(chain, "neighbour")), chain["foreign"].name)
    assert (foreign["members"], foreign["members_open"]) == (1, 1)


@pytest.mark.parametrize(("founded_on", "owes"), [(dt.date(2010, 12, 31), 1), (dt.date(2011, 1, 1), 0)])
def test_whoever_was_founded_after_a_round_had_ended_owes_nothing_in_it(
    founded_on, owes, chain, phase, director, time_machine
):
    Organization.objects.filter(pk=chain["sibling"].pk).update(founded_on=founded_on)
    time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC))
    later = Phase.objects.get(number=2)
    today = [counts_of(figures.level(p, at(chain, "general")), chain["sibling"].name) for p in (phase, later)]
    assert [counts["organizations_owing"] for counts in today] == [owes, 1]
    archive = services.close_round(phase, as_of=dt.date(2011, 1, 10), by=director)
    kept = RoundFigure.objects.get(archive=archive, organization=chain["sibling"])
    assert kept.organizations_owing == owes
    assert archives.verify(archive) == []


def test_totals_are_the_sums_of_what_is_below(chain, members, published, phase):
    lines = figures.level(phase, at(chain, "city"))
    assert [line.name for line in lines] == [
        "中共吴江市委员会（本级）",
        chain["committee"].name,
        chain["neighbour"].name,
    ]
    whole = figures.total(lines).counts
    assert whole["organizations_owing"] == 6  # without the root, which files nowhere, and the 党组
    assert (whole["organizations_filed"], whole["organizations_published"]) == (1, 1)
    assert (whole["organization_items"], whole["to_masses"], whole["to_superior"]) == (1, 3, 0)
    assert whole["members"] == 7
    assert figures.totals_by_phase([phase], [at(chain, "city")])[phase.pk].counts == whole


def test_an_organizations_own_figures_leave_out_what_is_below(chain, members, phase):
    lines = figures.level(phase, at(chain, "general", wide=False))
    assert [line.counts["members"] for line in lines] == [0]


@pytest.mark.parametrize("number", [1, 3])
def test_figures_cost_the_same_at_any_size(number, chain, phase, author, django_assert_num_queries):
    for n in range(number):
        promises(joins(chain, "branch", f"党员{n}"), phase, author)
    with django_assert_num_queries(2):
        figures.level(phase, at(chain, "city"))


def test_a_past_day_is_counted_as_it_was(chain, members, published, phase, director, time_machine):
    """Today's statement and the one of a day agree on today."""
    today = figures.level(phase, at(chain, "city"))
    archive = services.close_round(phase, as_of=TODAY, by=director)
    then = figures.level_of_archive(archive, at(chain, "city"))
    assert [(line.name, line.counts) for line in then] == [(line.name, line.counts) for line in today]
    assert archives.verify(archive) == []


def test_closing_numbers_seals_and_records(chain, members, published, phase, director):
    archive = services.close_round(phase, as_of=dt.date(2010, 8, 31), by=director)
    assert (archive.label, archive.version) == ("〔2010〕第1号", 1)
    assert archive.unfinished == {"drafts": 1, "waiting": 1, "returned": 1, "unpublished": 0}
    text = archives.as_json(archive, list(archive.figures.all()))
    assert hashlib.sha256(text.encode()).hexdigest() == archive.digest
    assert len(json.loads(text)["figures"]) == archive.figures.count() == len(chain)
    assert dict(RoundMember.objects.values_list("member__name", "status")) == {
        "甲": "written", "乙": "open", "丙": "oral", "丁": "exempt", "戊": "open", "己": "open", "庚": "written",
    }  # fmt: skip
    event = Event.objects.get(kind="roundarchive.close")
    assert (event.actor, event.place_id, event.after["digest"]) == (
        director,
        chain["city"].pk,
        archive.digest,
    )


def test_only_the_director_at_the_root_closes_and_opens(person, phase, director):
    for post, place in [("office_director", "committee"), ("office", "city"), ("secretary", "city")]:
        with pytest.raises(PermissionDenied):
            services.close_round(phase, as_of=TODAY, by=person(post, place))
    archive = services.close_round(phase, as_of=TODAY, by=director)
    with pytest.raises(PermissionDenied):
        services.reopen_round(archive, by=person("office_director", "committee"), reason="补一份")


@pytest.mark.parametrize(
    ("as_of", "said"), [(dt.date(2010, 9, 2), "截至日期"), (dt.date(2010, 5, 31), "截至日期")]
)
def test_a_date_outside_the_round_is_refused(as_of, said, phase, director):
    with pytest.raises(StepRefused, match=said):
        services.close_round(phase, as_of=as_of, by=director)
    assert not RoundArchive.objects.exists()


def test_a_round_that_has_not_begun_is_not_closed(campaign, director):
    with pytest.raises(StepRefused, match="才开始"):
        services.close_round(campaign.phases.get(number=2), as_of=TODAY, by=director)


def test_of_a_closed_round_nothing_changes(person, chain, draft, text, phase, director):
    services.close_round(phase, as_of=TODAY, by=director)
    author, closed = person("secretary", "branch"), "已于2010年9月1日归档（〔2010〕第1号）"
    acts = [
        lambda: services.save(draft, text(title="改了"), version=2, by=author),
        lambda: services.submit(draft, by=author),
        lambda: services.discard(draft, by=author),
        lambda: services.create_draft(chain["branch"], phase, by=author),
        lambda: services.copy(draft, phase, by=author),
        lambda: services.create_member_draft(joins(chain, "branch", "辛"), phase, by=author),
        lambda: services.ensure_open(Phase.objects.get(pk=phase.pk)),
    ]
    for act in acts:
        with pytest.raises(StepRefused, match=closed):
            act()
    assert Pledge.objects.get().version == draft.version


@pytest.mark.parametrize(
    ("state", "post", "place", "act"),
    [
        ("submitted", "secretary", "general", lambda p, by: services.approve(p, by=by)),
        ("submitted", "secretary", "general", lambda p, by: services.return_(p, by=by, reason="改")),
        ("approved", "secretary", "branch", lambda p, by: services.propose(p, by=by, scope="outside")),
        ("cleared", "office_director", "city", lambda p, by: services.publish(p, by=by)),
        ("approved", "secretary", "branch", lambda p, by: services.recall(p, by=by, reason="改")),
    ],
)
def test_no_step_is_taken_in_a_closed_round(state, post, place, act, pledge_in, person, phase, director):
    pledge = pledge_in(state)
    services.close_round(phase, as_of=TODAY, by=director)
    user = fresh(person(post, place))
    with pytest.raises(StepRefused, match="归档"):
        act(pledge, user)
    assert Pledge.objects.get().state == state
    assert not Pledge.objects.filter(queries.waiting_for(user)).exists()


def test_many_are_refused_one_by_one_with_the_sentence(members, phase, director, person):
    services.close_round(phase, as_of=TODAY, by=director)
    rows = PledgeItem.objects.filter(pledge__member=members["written"])
    rows.update(state="submitted")
    taken = services.vet_all(rows, "approve", by=person("secretary", "branch"))
    assert taken.done == []
    assert all("归档" in why for _, why in taken.refused)
    assert len(taken.refused) == 2


def test_what_must_not_be_public_is_taken_down_even_then(published, phase, director):
    archive = services.close_round(phase, as_of=TODAY, by=director)
    services.withdraw(published, by=director, reason="涉及个人隐私")
    assert archives.verify(archive) == []  # public on that day it stays


def test_a_year_later_the_figures_are_the_same(
    chain, members, published, phase, director, person, time_machine
):
    archive = services.close_round(phase, as_of=TODAY, by=director)
    before = figures.level_of_archive(archive, at(chain, "committee"))
    time_machine.move_to(dt.datetime(2011, 9, 1, 4, tzinfo=dt.UTC))
    office, on = person("office", "city"), dt.date(2011, 8, 1)
    Member.objects.filter(pk=members["written"].pk).update(organization=chain["foreign"], name="改名")
    Member.objects.filter(pk=members["oral"].pk).update(left_on=on, left_reason="died")
    rename(chain["branch"], name="震泽镇财政和资产管理局党支部", short_name="", on=on, by=office)
    affiliate(chain["general"], superior=chain["neighbour"], on=on, by=office, reason="划转")
    merge(chain["branch"], into=chain["sibling"], on=on, by=office, reason="合并")
    dissolve(chain["foreign"], on=on, by=office, reason="撤销") if not chain[
        "foreign"
    ].members.exists() else None
    assert archives.verify(RoundArchive.objects.get()) == []
    after = figures.level_of_archive(RoundArchive.objects.get(), at(chain, "committee"))
    assert [(line.name, line.counts) for line in after] == [(line.name, line.counts) for line in before]
    assert Pledge.objects.filter(organization=chain["branch"]).exists()  # a closed round is not handed over


def test_history_stays_with_the_superior_of_its_date(chain, members, phase, director, person, time_machine):
    archive = services.close_round(phase, as_of=TODAY, by=director)
    time_machine.move_to(dt.datetime(2011, 9, 1, 4, tzinfo=dt.UTC))
    affiliate(
        chain["general"],
        superior=chain["neighbour"],
        on=dt.date(2011, 8, 1),
        by=person("office", "city"),
        reason="划转",
    )
    [old] = archives.places_then(archive, person("secretary", "committee"))
    [new] = archives.places_then(archive, person("secretary", "neighbour"))
    assert figures.total(figures.level_of_archive(archive, old)).counts["members"] == 6
    assert figures.total(figures.level_of_archive(archive, new)).counts["members"] == 1
    assert archives.place_in(archive, chain["branch"].pk, [old]).with_below
    assert archives.place_in(archive, chain["branch"].pk, [new]) is None


def test_the_tree_of_an_earlier_day_is_built_from_dated_history(chain, members, phase, director, person):
    office = person("office", "city")
    affiliate(
        chain["general"], superior=chain["neighbour"], on=dt.date(2010, 8, 20), by=office, reason="划转"
    )
    rename(chain["branch"], name="震泽镇财政分局党支部", short_name="", on=dt.date(2010, 8, 20), by=office)
    archive = services.close_round(phase, as_of=dt.date(2010, 8, 10), by=director)
    branch = RoundFigure.objects.get(organization=chain["branch"])
    assert (branch.path, branch.name) == (chain["branch"].path, "震泽镇财政所党支部")
    assert branch.order_path == chain["branch"].order_path
    assert branch.superior == chain["general"]
    assert archives.verify(archive) == []


TAMPERED = {
    "a stored count": "UPDATE pledges_roundfigure SET members_open = members_open - 1 WHERE name = '震泽镇财政所党支部'",
    "a stored name": "UPDATE pledges_roundfigure SET name = name || '（改）' WHERE name = '震泽镇财政所党支部'",
    "a member's status": "UPDATE pledges_roundmember SET status = 'oral' WHERE member_id = (SELECT id FROM organizations_member WHERE name = '戊')",
    "the words of an item": "UPDATE pledges_pledgeitem SET content = '别的' WHERE content = '全年上门办税十二次'",
    "the state of a pledge": "UPDATE pledges_pledge SET state = 'draft' WHERE member_id = (SELECT id FROM organizations_member WHERE name = '甲')",
}


@pytest.mark.parametrize("tampering", TAMPERED)
def test_one_changed_row_is_found_and_named(tampering, chain, members, published, phase, director):
    archive = services.close_round(phase, as_of=TODAY, by=director)
    call_command("verify_round", archive.pk)
    with connection.cursor() as cursor:
        cursor.execute(TAMPERED[tampering])
        assert cursor.rowcount == 1
    faults = archives.verify(RoundArchive.objects.get())
    assert any("震泽镇财政所党支部" in fault for fault in faults), faults
    with pytest.raises(CommandError, match="震泽镇财政所党支部"):
        call_command("verify_round", archive.pk)


def test_a_row_that_was_deleted_is_missed(members, phase, director):
    archive = services.close_round(phase, as_of=TODAY, by=director)
    RoundFigure.objects.filter(name="震泽镇人大党组").delete()
    assert archives.verify(archive) == ["归档的总校验码不符：有的行被改动、增加或删除过。"]


def test_reopening_keeps_the_archive_and_the_next_closing_has_a_new_number(draft, phase, director, person):
    first = services.close_round(phase, as_of=TODAY, by=director)
    with pytest.raises(ReasonMissing):
        services.reopen_round(first, by=director, reason=" ")
    services.reopen_round(first, by=director, reason="漏报一份")
    with pytest.raises(StepRefused, match="重新开启过"):
        services.reopen_round(first, by=director, reason="再来")
    services.submit(draft, by=person("secretary", "branch"))
    second = services.close_round(phase, as_of=TODAY, by=director)
    assert (second.label, second.version) == ("〔2010〕第2号", 2)
    assert [archives.verify(each) for each in RoundArchive.objects.order_by("pk")] == [[], []]
    assert Event.objects.get(kind="roundarchive.reopen").reason == "漏报一份"
    with pytest.raises(StepRefused, match="第2号"):
        services.close_round(phase, as_of=TODAY, by=director)


def test_numbers_begin_anew_each_year(campaign, phase, director, time_machine):
    services.close_round(phase, as_of=TODAY, by=director)
    time_machine.move_to(dt.datetime(2011, 2, 1, 4, tzinfo=dt.UTC))
    second = campaign.phases.get(number=2)
    assert services.close_round(second, as_of=dt.date(2011, 1, 31), by=director).label == "〔2011〕第1号"


@pytest.mark.django_db(transaction=True)
def test_a_closing_waits_for_the_step_under_way_and_later_steps_see_it(draft, person, phase, director):
    """Filed first: it is in the figures. Closed first: the filing is refused. Never between the two."""
    author = person("secretary", "branch")
    filed, closing, outcome = threading.Event(), threading.Event(), {}

    def file_slowly():
        with transaction.atomic():
            services.submit(draft, by=author)
            filed.set()
            closing.wait(10)
            outcome["waited"] = not RoundArchive.objects.exists() and _is_somebody_waiting()
        connection.close()

    def close():
        filed.wait(10)
        closing_soon = threading.Timer(0.3, closing.set)
        closing_soon.start()
        services.close_round(phase, as_of=TODAY, by=director)
        connection.close()

    threads = [threading.Thread(target=each) for each in (file_slowly, close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcome == {"waited": True}
    archive = RoundArchive.objects.get()
    assert archive.unfinished["waiting"] == 1
    assert archives.verify(archive) == []
    with pytest.raises(StepRefused, match="归档"):
        services.approve(draft, by=fresh(person("secretary", "general")))


def _is_somebody_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] == 1


def test_every_count_has_a_word():
    assert all(any("一" <= sign <= "鿿" for sign in label) for label in COUNTS.values())
    assert item()["content"] == "全年上门办税十二次"  # what the tampering above looks for
