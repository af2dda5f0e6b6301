"""合计 kept for the upper levels: whatever happens to rows and tree, they are the sums of the assignments."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Assignment, Tally, TallyChange
from campaigns.queries import progress, trend
from campaigns.services import assignments, tallies
from organizations.models import Organization
from organizations.services import affiliate

D = dt.date
TODAY = D(2010, 10, 8)
UPPER = ["city", "committee", "neighbour"]  # those whose subordinates have tallies


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)


def both(owes, monkeypatch, levels=1):
    """(as kept, as added up from the rows) of every organization whose level is kept."""
    for place in Organization.objects.filter(code__in=UPPER):
        if place.depth + levels > max(progress.DEPTHS):
            continue
        kept = progress.sums(place, [owes], TODAY, levels=levels)
        with monkeypatch.context() as live:
            live.setattr(progress, "DEPTHS", ())
            yield kept, progress.sums(place, [owes], TODAY, levels=levels)
            with_curve = trend.by_day(place, owes)
            live.setattr(trend, "DEPTHS", (0,))
            yield with_curve, trend.by_day(place, owes)


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("row"), st.integers(0, 5), st.sampled_from(["open", "done", "late", "exempt", "gone"])
        ),
        st.tuples(
            st.just("move"),
            st.sampled_from(["foreign", "general", "sibling"]),
            st.sampled_from(["city", "neighbour", "committee"]),
        ),
        st.sampled_from([("fold",), ("refresh",), ("rebuild",)]),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_kept_and_added_up_are_the_same_after_any_changes(chain, owes, monkeypatch, changes):
    assignments.refresh(owes)
    for change in changes:
        take(owes, chain, *change)
    for levels in (1, 2):
        for kept, live in both(owes, monkeypatch, levels):
            assert kept == live
    tallies.fold()
    assert not TallyChange.objects.exists()
    for kept, live in both(owes, monkeypatch):
        assert kept == live


def take(owes, chain, what, *how):
    if what == "row":
        number, state = how
        row = Assignment.objects.filter(organization=list(chain.values())[number % len(chain)]).first()
        if row and state == "gone":
            row.delete()
        elif row:
            done_on = {"done": D(2010, 9, 30), "late": TODAY}.get(state)
            Assignment.objects.filter(pk=row.pk).update(
                state="done" if done_on else state, done_on=done_on, returned=number, items=3
            )
    elif what == "move":
        moved, above = (Organization.objects.get(pk=chain[name].pk) for name in how)
        if moved.parent_id != above.pk and not above.path.startswith(moved.path):
            affiliate(moved, superior=above, on=TODAY, by=None, reason="调整")
    else:
        {"fold": tallies.fold, "refresh": lambda: assignments.refresh(owes),
         "rebuild": lambda: tallies.rebuild(owes)}[what]()  # fmt: skip


def test_a_whole_tree_is_written_without_a_note_for_each_row(owes):
    assert not TallyChange.objects.exists()
    assert {t.organization.code: t.owed for t in Tally.objects.all()} == {
        "committee": 4, "general": 3, "neighbour": 2, "foreign": 1,
    }  # fmt: skip
    assignments.refresh(owes, [owes.pk])  # nobody's: nothing is noted
    assert not TallyChange.objects.exists()


def test_what_is_deleted_leaves_nothing_behind(owes):
    owes.delete()
    tallies.fold()
    assert not Tally.objects.exists()
    assert not TallyChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_file_at_once_under_one_superior_do_not_wait_for_each_other(owes, chain):
    """An eager counter of the superior would be locked by the first until it commits."""
    told = []

    def file(code):
        connection.close()
        try:
            Assignment.objects.filter(organization__code=code).update(state="done", done_on=TODAY)
            told.append(code)
        finally:
            connection.close()

    with transaction.atomic():
        Assignment.objects.filter(organization=chain["branch"]).update(state="done", done_on=TODAY)
        other = threading.Thread(target=file, args=["sibling"])
        other.start()
        other.join(10)
        assert told == ["sibling"]
    place = Organization.objects.get(code="city")
    assert progress.sums(place, [owes], TODAY)[chain["committee"].pk][owes.pk].done == 2
