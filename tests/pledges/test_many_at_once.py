"""A step taken for many: a constant number of queries, the same rules as for one, and whoever is left out is named."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Delivery, Event
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge, PledgeItem, Publication


@pytest.fixture
def many(member, promise):
    def make(count, state="draft"):
        for number in range(count):
            promise(member(f"党员{number}"), state)
        return Pledge.objects.of_members()

    return make


def queries(act):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act()
    return len(seen)


WAY = [
    ("draft", lambda rows, person: services.submit_all(rows, by=person("secretary", "branch"))),
    (
        "submitted",
        lambda rows, person: services.vet_all(
            PledgeItem.objects.filter(pledge__in=rows), "approve", by=person("secretary", "branch")
        ),
    ),
    (
        "approved",
        lambda rows, person: services.propose_all(rows, by=person("liaison", "branch"), scope="outside"),
    ),
    ("proposed", lambda rows, person: services.clear_all(rows, by=person("secretary", "general"))),
    (
        "cleared",
        lambda rows, person: services.publish_all(
            rows, by=person("secretary", "branch"), has_seen_masks=True
        ),
    ),
]


@pytest.mark.parametrize(("state", "act"), WAY, ids=[state for state, _ in WAY])
def test_thirty_cost_as_many_queries_as_three(state, act, many, person):
    scope = {"scope": "outside"} if state in {"proposed", "cleared"} else {}
    rows = many(3, state)
    rows.update(**scope)
    three = queries(lambda: act(rows, person))
    Pledge.objects.update(state=state, **scope)
    PledgeItem.objects.update(state=state if state in {"draft", "submitted"} else "approved")
    Publication.objects.all().delete()
    rows = many(27, state)
    rows.update(**scope)
    assert queries(lambda: act(rows, person)) <= three


def test_from_draft_to_the_public_page_in_five_strokes(many, person):
    rows = many(4)
    for _, act in WAY:
        done = act(rows.all(), person)
        assert (len(done.done), done.refused) == (4, [])
    assert set(rows.values_list("state", flat=True)) == {"published"}
    assert Publication.objects.published().of_members().count() == 4
    pledge = rows.first()
    kinds = list(Event.objects.about(pledge).order_by("pk").values_list("kind", flat=True))
    assert kinds[-5:] == [f"pledge.{verb}" for verb in ("submit", "approve", "propose", "clear", "publish")]
    items = Event.objects.filter(kind="pledgeitem.approve")
    assert items.count() == 4
    assert not Delivery.objects.filter(event__in=items).exists(), "nobody waits for these"


def test_who_was_overtaken_is_named_and_the_others_go_on(many, person):
    rows = many(3, "proposed")
    late = rows.order_by("pk").first()
    Pledge.objects.filter(pk=late.pk).update(state="returned")
    taken = services.clear_all(rows, by=person("secretary", "general"))
    assert [(p.pk, why) for p, why in taken.refused] == [(late.pk, "现在是“待修改”，不能保密审查通过。")]
    assert sorted(rows.values_list("state", flat=True)) == ["cleared", "cleared", "returned"]


def test_one_of_another_branch_among_them_refuses_all(many, person):
    rows = many(2, "proposed")
    with pytest.raises(PermissionDenied):
        services.clear_all(rows, by=person("secretary", "committee"))
    assert set(rows.values_list("state", flat=True)) == {"proposed"}


def test_one_item_goes_back_alone(promise, person, member_text):
    two = [*member_text()["items"], {**member_text()["items"][0], "key": "c" * 12}]
    pledge = promise()
    by = person("secretary", "branch")
    services.save(pledge, member_text(items=two), version=pledge.version, by=by)
    services.submit(pledge, by=by)
    first, second = pledge.items.all()
    services.vet_all(PledgeItem.objects.filter(pk=first.pk), "approve", by=by)
    assert Pledge.objects.get().state == "submitted", "one is still to be vetted"
    services.vet_all(
        PledgeItem.objects.filter(pk=second.pk), "return", by=by, reason="请写明次数", grounds=["concrete"]
    )
    pledge = Pledge.objects.get()
    assert (pledge.state, pledge.return_reason) == ("returned", "见各项的退回意见。")
    assert list(pledge.items.values_list("state", "remark", "grounds")) == [
        ("approved", "", []),
        ("returned", "请写明次数", ["concrete"]),
    ]
    services.submit(pledge, by=by)
    assert list(pledge.items.values_list("state", flat=True)) == ["approved", "submitted"]


def test_a_leader_is_vetted_from_above_and_in_the_same_stroke_as_others(promise, member, person, chain):
    deputy = person("deputy_secretary", "branch")
    of_deputy, other = promise(member("钱建平", user=deputy)), promise(member("顾阿大"))
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    services.submit_all(Pledge.objects.all(), by=secretary)
    assert Pledge.objects.get(pk=of_deputy.pk).is_leading
    items = PledgeItem.objects.filter(pledge=of_deputy)
    with pytest.raises(PermissionDenied):
        services.vet_all(items, "approve", by=secretary)
    services.vet_all(items, "approve", by=superior)
    with pytest.raises(PermissionDenied):
        services.vet_all(PledgeItem.objects.filter(pledge=other), "approve", by=superior)
    assert dict(Pledge.objects.values_list("pk", "state")) == {
        of_deputy.pk: "approved",
        other.pk: "submitted",
    }


def test_nobody_vets_their_own(promise, member, person, chain):
    """A liaison who becomes deputy after filing is no leader in that round, and still not their own judge."""
    liaison = person("liaison", "branch")
    pledge = promise(member("陆晓岚", user=liaison), "submitted")
    appoint(user=liaison, post="deputy_secretary", organization=chain["branch"])
    done = services.vet_all(pledge.items.all(), "approve", by=person("liaison", "branch"))
    assert [why for _, why in done.refused] == ["这是您本人的承诺，须由另一位同志审定。"]


def test_the_masked_numbers_are_on_record_for_each(promise, member, member_text, person):
    pledge = promise(state="draft")
    by = person("secretary", "branch")
    words = member_text(items=[{**member_text()["items"][0], "content": "联系13900001234，每月一次"}])
    services.save(pledge, words, version=pledge.version, by=by)
    other = promise(member("顾阿大"))
    for _, act in WAY:
        act(Pledge.objects.of_members(), person)
    masked = {e.subject_id: e.detail["masked"] for e in Event.objects.filter(kind="pledge.publish")}
    assert masked[str(other.pk)] == []
    assert [m["shown"] for m in masked[str(pledge.pk)]] == ["139****1234"]
    assert "13900001234" not in str(Publication.objects.values_list("text", "body"))
