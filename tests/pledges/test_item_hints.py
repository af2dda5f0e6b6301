"""Hints where people meet them: beside the item that is written, on the pledge's page, where it is vetted."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Subject
from organizations.models import Member
from pledges import queries, services, tasks
from pledges.models import ItemSketch, ItemTwin, Pledge, PledgeItem
from tests.pledges.conftest import fresh, item

pytestmark = pytest.mark.django_db
# Copied from each other but for figures and a word; ``OTHER`` is on something else.
WORDS = "为企业上门办理税务登记12次，结果在政务公开栏公布"
COPIED = "为企业上门办理税务登记15次，结果在政务公开栏公布"
SLOGAN = "加强学习，提高素质"
OTHER = "修好村口到小学的道路三公里"
HELP = "每月看望结对的孤寡老人两次"
SECRET = "，另有不便公开的考虑"  # only in the other's text


@pytest.fixture
def pledge_of(person, chain, phase, text):
    """pledge_of("sibling", "words", …) -> that organization's draft with these items."""

    def make(place, *contents, by=None, at=None, member=None):
        by = by or person("secretary", place)
        at = at or phase
        if member:
            pledge = services.create_member_draft(member, at, by=by)
        else:
            pledge = services.create_draft(chain[place], at, by=by)
        subject = Subject.MEMBER if member else Subject.ORGANIZATION
        said = text(
            title="" if member else f"{place}的承诺",
            aim="学好业务" if member else "",
            category=at.campaign.rubric.filter(subject=subject).first().pk,
            items=[
                item(f"{n:012x}", content=content, due_on=f"{at.starts_on.year}-12-20")
                for n, content in enumerate(contents, 1)
            ],
        )
        return services.save(pledge, said, version=pledge.version, by=by)

    return make


@pytest.fixture
def filed(pledge_of, person):
    def make(place, *contents, **more):
        return services.submit(
            pledge_of(place, *contents, **more), by=more.get("by") or person("secretary", place)
        )

    return make


@pytest.fixture
def member(chain):
    """member("branch", "沈秋实") -> on the roster there."""

    def make(place, name):
        return Member.objects.create(
            organization=chain[place],
            name=name,
            sex="f",
            birth_month=dt.date(1975, 3, 1),
            joined_on=dt.date(2001, 7, 1),
        )

    return make


def said(pledge, user):
    """All that the hints of a pledge's items tell this person."""
    found = queries.hints_for(Pledge.objects.get(pk=pledge.pk).items.all(), fresh(user))
    return " ".join(f"{hint.text}{hint.quote}{hint.url}" for hints in found.values() for hint in hints)


def page(client, user, name, pledge):
    client.force_login(user)
    response = client.get(reverse(f"pledges:{name}", args=[pledge.pk]))
    assert response.status_code == 200
    return response.content.decode()


# -- what pages show -------------------------------------------------------------------------


def test_writer_and_approver_read_that_an_item_is_vague(client, person, pledge_of):
    pledge = pledge_of("branch", SLOGAN, OTHER)
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    for name in ("edit", "detail"):
        shown = page(client, secretary, name, pledge)
        assert shown.count("仅供参考，不影响提交和审定") == 1
        assert shown.count("“加强”“提高”说的是方向") == 1
    services.submit(pledge, by=secretary)
    assert "“加强”“提高”说的是方向" in page(client, superior, "detail", pledge)
    client.force_login(superior)
    for verb in ("approve", "return"):
        shown = client.get(reverse("pledges:step", args=[pledge.pk, verb])).content.decode()
        assert shown.count("“加强”“提高”说的是方向") == 1


def test_the_editor_speaks_of_what_was_typed_and_not_yet_saved(client, person, pledge_of, text):
    pledge = pledge_of("branch", OTHER)
    typed = text(items=[item("0" * 11 + "1", content=SLOGAN)])
    services.buffer(pledge, typed, base_version=pledge.version, sequence=1, by=person("secretary", "branch"))
    assert "说的是方向" in page(client, person("secretary", "branch"), "edit", pledge)


def test_a_new_draft_has_no_hint(client, person, chain, phase):
    secretary = person("secretary", "branch")
    pledge = services.create_draft(chain["branch"], phase, by=secretary)
    assert "仅供参考" not in page(client, secretary, "edit", pledge)


def test_who_may_open_the_twin_reads_whose_it_is_and_goes_there(client, person, filed):
    twin, pledge = filed("sibling", WORDS + SECRET), filed("branch", COPIED)
    shown = page(client, person("secretary", "general"), "detail", pledge)
    assert "与震泽镇文化站党支部2010年的一项承诺" in shown
    assert f"<q>{WORDS}{SECRET}</q>" in shown
    assert f'href="{twin.get_absolute_url()}"' in shown


def test_who_may_not_open_the_twin_is_told_the_organization_and_nothing_more(
    client, person, pledge_of, filed
):
    twin, pledge = filed("sibling", WORDS + SECRET), pledge_of("branch", COPIED)
    for name in ("edit", "detail"):
        shown = page(client, person("secretary", "branch"), name, pledge)
        assert "与震泽镇文化站党支部的一项承诺几乎相同。" in shown
        assert SECRET not in shown
        assert str(twin) not in shown
        assert twin.get_absolute_url() not in shown


def test_a_members_name_is_told_to_those_alone_who_may_read_the_pledge(person, member, filed):
    filed("sibling", WORDS, member=member("sibling", "沈秋实"))
    pledge = filed("branch", COPIED, member=member("branch", "陆小满"))
    assert "震泽镇文化站党支部沈秋实同志2010年" in said(pledge, person("secretary", "general"))
    own = said(pledge, person("secretary", "branch"))
    assert "震泽镇文化站党支部的一项承诺" in own
    assert "沈秋实" not in own


def test_an_item_full_of_hints_is_filed_and_approved_all_the_same(client, person, filed, pledge_of):
    filed("sibling", f"{SLOGAN}，推进各项工作")
    pledge = pledge_of("branch", f"{SLOGAN}，推进各项工作")
    assert (
        len(queries.hints_for(pledge.items.all(), person("secretary", "branch"))[pledge.items.get().pk]) == 2
    )
    for user, verb in [
        (person("secretary", "branch"), "submit"),
        (person("secretary", "general"), "approve"),
    ]:
        client.force_login(user)
        client.post(reverse("pledges:step", args=[pledge.pk, verb]), {"version": pledge.version})
    assert Pledge.objects.get(pk=pledge.pk).state == "approved"
    assert "仅供参考" not in page(client, person("secretary", "branch"), "detail", pledge)


# -- whose twin it is ------------------------------------------------------------------------


def test_a_draft_is_nobodys_twin_neither_before_it_is_filed_nor_after_it_is_taken_back(
    person, filed, pledge_of
):
    draft, pledge = pledge_of("sibling", WORDS), filed("branch", COPIED)
    office = person("office", "city")
    tasks.check_new_items()
    tasks.compare_items()
    assert said(pledge, office) == ""
    services.submit(draft, by=person("secretary", "sibling"))
    tasks.compare_items()
    assert "文化站" in said(pledge, office)
    services.recall(Pledge.objects.get(pk=draft.pk), by=person("secretary", "sibling"), reason="写错了")
    assert said(pledge, office) == ""
    tasks.compare_items()
    assert not ItemTwin.objects.exists()


def test_a_twin_that_was_changed_is_no_longer_named(person, filed):
    twin, pledge = filed("sibling", WORDS), filed("branch", COPIED)
    tasks.compare_items()
    twin.items.update(content=OTHER)
    assert said(pledge, person("office", "city")) == ""


def test_the_same_words_far_away_are_no_twin(person, filed):
    """丝绸市场 hangs on another superior: what its branch wrote is not of the own subtree."""
    filed("foreign", WORDS)
    pledge = filed("branch", COPIED)
    tasks.compare_items()
    assert said(pledge, person("office", "city")) == ""
    assert not ItemTwin.objects.exists()


def test_last_rounds_item_of_the_same_organization_or_member_is_a_twin_and_no_other(
    time_machine, person, member, campaign, filed
):
    secretary = person("secretary", "branch")
    first, other = member("branch", "沈秋实"), member("branch", "陆小满")
    old = filed("branch", WORDS)
    filed("sibling", OTHER)
    theirs, own = filed("branch", OTHER, member=other), filed("branch", HELP, member=first)
    time_machine.move_to(dt.datetime(2011, 3, 1, 4, tzinfo=dt.UTC))
    second = campaign.phases.get(number=2)
    again = filed("branch", COPIED, at=second)
    mine = filed("branch", OTHER, HELP, member=first, at=second)
    for _ in ("looked up while the page waits", "found by the worker"):
        assert f"党支部2010年的一项承诺几乎相同。{WORDS}{old.get_absolute_url()}" == said(
            again, secretary
        ).removeprefix("与震泽镇财政所")
        assert own.get_absolute_url() in said(mine, secretary)
        assert theirs.get_absolute_url() not in said(mine, secretary)
        assert "文化站" not in said(mine, person("office", "city"))
        tasks.compare_items()
    assert ItemTwin.objects.filter(item__pledge__in=[again, mine]).count() == 2


# -- what the worker does ----------------------------------------------------------------------


def test_running_again_writes_nothing(filed):
    filed("sibling", WORDS, OTHER)
    filed("branch", COPIED, SLOGAN)
    assert tasks.compare_items() == 2
    before = list(ItemTwin.objects.order_by("pk").values()), list(ItemSketch.objects.order_by("pk").values())
    assert tasks.compare_items() == 0
    assert tasks.check_new_items() == 0
    assert before == (
        list(ItemTwin.objects.order_by("pk").values()),
        list(ItemSketch.objects.order_by("pk").values()),
    )


def test_new_items_and_all_items_compared_come_to_the_same(filed):
    filed("sibling", WORDS, OTHER)
    filed("branch", COPIED, SLOGAN)
    assert tasks.check_new_items() == 4
    one_by_one = list(ItemTwin.objects.order_by("pk").values())
    assert len(one_by_one) == 2
    assert tasks.compare_items() == 0
    assert one_by_one == list(ItemTwin.objects.order_by("pk").values())


def test_what_came_without_being_filed_here_is_sketched_by_night(person, filed):
    filed("sibling", WORDS)
    pledge = filed("branch", COPIED)
    ItemSketch.objects.all().delete()
    tasks.compare_items()
    assert ItemSketch.objects.exclude(checked_at=None).count() == 2
    assert "文化站" in said(pledge, person("office", "city"))


def test_the_sketch_follows_the_item_when_it_is_corrected_and_filed_again(person, filed, text):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    filed("sibling", WORDS)
    pledge = filed("branch", COPIED)
    tasks.compare_items()
    before = ItemSketch.objects.get(item__pledge=pledge)
    services.return_(pledge, by=superior, reason="与文化站的雷同")
    pledge = services.save(
        pledge, text(items=[item("0" * 11 + "1", content=OTHER)]), version=pledge.version, by=secretary
    )
    assert said(pledge, superior) == ""  # while it is written already
    services.submit(pledge, by=secretary)
    after = ItemSketch.objects.get(item__pledge=pledge)
    assert after.signature != before.signature
    assert after.checked_at is None
    assert not ItemTwin.objects.filter(item__pledge=pledge).exists()
    tasks.compare_items()
    assert said(pledge, superior) == ""


def test_an_item_that_goes_away_takes_its_twin_along(person, filed, pledge_of):
    twin, pledge = filed("sibling", WORDS), filed("branch", COPIED)
    tasks.compare_items()
    PledgeItem.objects.filter(pledge=twin).delete()
    assert not ItemTwin.objects.filter(item__pledge=pledge).exists()


def test_sketches_of_a_round_that_is_over_are_dropped(time_machine, campaign, filed):
    filed("branch", WORDS)
    time_machine.move_to(dt.datetime(2011, 3, 1, 4, tzinfo=dt.UTC))
    filed("sibling", OTHER, at=campaign.phases.get(number=2))
    tasks.compare_items()
    assert [row.item.content for row in ItemSketch.objects.select_related("item")] == [OTHER]


# -- numbers -----------------------------------------------------------------------------------


def test_hints_cost_the_same_for_one_item_and_for_three(person, filed, pledge_of):
    filed("sibling", WORDS, OTHER, SLOGAN)
    one, three = pledge_of("branch", COPIED), pledge_of("branch", COPIED, OTHER, SLOGAN)
    office = person("office", "city")

    def cost(pledge):
        items = list(Pledge.objects.get(pk=pledge.pk).items.all())
        user = fresh(office)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert all(queries.hints_for(items, user).values())
        return len(found)

    assert cost(one) == cost(three) <= 6
    for pledge in (one, three):
        services.submit(pledge, by=person("secretary", "branch"))
    tasks.check_new_items()
    assert cost(one) == cost(three) <= 4


def test_filing_sketches_fifty_as_it_does_one(person, member, filed, pledge_of):
    secretary = person("secretary", "branch")

    def cost(count, family):
        drafts = [
            pledge_of("branch", WORDS, OTHER, member=member("branch", f"{family}{n}")) for n in range(count)
        ]
        with CaptureQueriesContext(connection) as found:
            done = services.submit_all(
                Pledge.objects.filter(pk__in=[d.pk for d in drafts]), by=secretary
            ).done
        assert len(done) == count
        assert ItemSketch.objects.filter(item__pledge__in=done).count() == 2 * count
        return len(found)

    cost(1, "周")  # what is asked once and remembered
    assert cost(1, "沈") == cost(6, "陆")
