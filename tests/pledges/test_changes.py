"""变更: what was public changes by a request that is approved above; both texts stay readable."""

import itertools

import pytest
from django.core.exceptions import PermissionDenied

from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.models import Notice
from organizations.posts import Post
from organizations.services import appoint
from pledges import queries, services
from pledges.flow import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW, ChangeState
from pledges.models import Change, Pledge, Publication
from pledges.queries.changes import change_duties
from tests.pledges.conftest import DAY, fresh, saved_text
from tests.pledges.publicity import a_member, draft_of, live, publish_member, said_now

PLACES = ["branch", "general", "committee", "city", "sibling", "neighbour", "foreign"]
KEY = "a" * 12
NEW = "c" * 12
TEN_MORE = {f"{n:012x}": {"content": f"第{n}件"} for n in range(1, 11)}
WHY = "施工推迟，时限顺延"


@pytest.fixture
def member_pledge(chain, phase, person):
    draft = draft_of(a_member(chain["branch"]), phase, person("liaison", "branch"))
    return publish_member(draft, person)


def ask(pledge, by, reason=WHY, **changed):
    changed = changed or {"items": {KEY: {"due_on": "2011-03-31"}}}
    return services.request_change(live(pledge), said_now(pledge, **changed), by=by, reason=reason)


@pytest.fixture
def asked(published, person):
    return ask(published, person("secretary", "branch"))


# -- who may what: written by hand, everything unlisted refused -----------------------------------------

ORGANIZATIONS = {
    ("requested", "secretary", "branch"): {"recall"},
    ("requested", "office_director", "general"): {"approve", "refuse"},
    ("requested", "office_director", "committee"): {"approve", "refuse"},
    ("requested", "office_director", "city"): {"approve", "refuse"},
}
MEMBERS = {
    ("requested", "secretary", "branch"): {"recall"},
    ("requested", "deputy_secretary", "branch"): {"recall"},
    ("requested", "secretary", "general"): {"approve", "refuse"},
}


def buttons(change, person):
    found = {}
    for state in ChangeState.values:
        decided = {} if state == "requested" else {"decided_by": change.requested_by, "decided_at": DAY}
        change.state = state
        Change.objects.filter(pk=change.pk).update(
            state=state, decision_reason="因故", **decided or {"decided_by": None, "decided_at": None}
        )
        for post, place in itertools.product(Post.values, PLACES):
            if names := {step.name for step in change.flow.open_to(person(post, place), change)}:
                found[state, post, place] = names
    return found


def test_every_button_of_an_organizations_change_and_no_other(asked, person):
    assert buttons(asked, person) == ORGANIZATIONS


def test_every_button_of_a_members_change_and_no_other(member_pledge, person):
    change = ask(member_pledge, person("liaison", "branch"), aim="把窗口服务做实")
    expected = MEMBERS | {("requested", "liaison", "branch"): {"recall"}}
    assert buttons(change, person) == expected


@pytest.mark.parametrize(
    ("flow", "posts"),
    [
        (ORGANIZATION_CHANGE_FLOW, {("secretary", "branch")}),
        (MEMBER_CHANGE_FLOW, {(p, "branch") for p in ("secretary", "deputy_secretary", "liaison")}),
    ],
    ids=["organization", "member"],
)
def test_who_may_file_may_ask_and_nobody_else(flow, posts, person, published, member_pledge):
    pledge = published if flow is ORGANIZATION_CHANGE_FLOW else member_pledge
    may = set()
    for post, place in itertools.product(Post.values, PLACES):
        by = person(post, place)
        try:
            change = ask(pledge, by, category=pledge.category_id + 1)
        except PermissionDenied:
            continue
        services.recall_change(change, by=by)
        may.add((post, place))
    assert may == posts


def test_a_member_asks_for_their_own_without_any_post(chain, phase, person, django_user_model):
    own = django_user_model.objects.create_user("own", name="沈文清")
    draft = draft_of(a_member(chain["branch"], user=own), phase, own)
    pledge = publish_member(draft, person)
    change = ask(pledge, own, aim="把窗口服务做实")
    appoint(user=own, post="secretary", organization=chain["general"], on=DAY.date())
    with pytest.raises(StepRefused, match="是您申请的"):
        services.approve_change(change, by=fresh(own))
    services.recall_change(change, by=own)
    other = ask(pledge, person("liaison", "branch"), aim="把窗口服务做实")
    with pytest.raises(StepRefused, match="您本人的承诺"):
        services.approve_change(other, by=fresh(own))
    assert not queries.changes_waiting_for(fresh(own)).exists()


# -- asking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "refused", "why"),
    [
        ({"reason": " "}, ReasonMissing, "reason"),
        ({"title": "财政窗口十五分钟办结"}, StepRefused, "没有改动"),
        ({"items": {KEY: {"content": ""}}}, services.Unfit, "请写明承诺内容"),
        ({"items": {KEY: None}}, services.Unfit, "至少填写一项"),
        ({"items": TEN_MORE}, StepRefused, "有 11 项，最多 10 项"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_written(changed, refused, why, published, person):
    with pytest.raises(refused, match=why):
        ask(published, person("secretary", "branch"), **changed)
    assert not Change.objects.exists()


def test_one_request_at_a_time(asked, person):
    with pytest.raises(StepRefused, match="已有一份变更申请"):
        ask(asked.pledge, person("secretary", "branch"))
    services.recall_change(asked, by=person("secretary", "branch"))
    assert ask(asked.pledge, person("secretary", "branch")).is_open


def test_nothing_is_asked_of_what_is_closed_or_not_public(published, draft, campaign, person, text):
    campaign.closed_on = DAY.date().replace(day=1, month=8)
    campaign.save()
    with pytest.raises(StepRefused, match="公开过的承诺不再变更"):
        ask(published, person("secretary", "branch"))


def test_a_request_made_on_an_old_page_is_refused(asked, person):
    old = live(asked.pledge)
    services.approve_change(asked, by=person("office_director", "city"))
    text = said_now(asked.pledge, title="财政窗口十分钟办结")
    with pytest.raises(StepRefused, match="已经变更过"):
        services.request_change(old, text, by=person("secretary", "branch"), reason=WHY)


# -- deciding -------------------------------------------------------------------------------------------


def test_an_approved_change_is_a_new_version_and_the_pledges_text(published, person):
    by, director = person("secretary", "branch"), person("office_director", "city")
    before = saved_text(published)
    wanted = said_now(
        published, items={KEY: {"due_on": "2011-03-31"}, NEW: {"content": "电话13900001234预约"}}
    )
    change = services.request_change(live(published), wanted, by=by, reason="找沈明13900001234问")
    old, item_id = live(published), published.items.get(key=KEY).pk
    new = services.approve_change(change, by=director, reason="同意")
    old.refresh_from_db()
    pledge = Pledge.objects.get()
    assert old.replaced_at == new.published_at
    assert (new.version, new.scope, new.change_reason) == (2, "outside", "找沈明139****1234问")
    assert [i["due_on"] for i in new.text["items"]] == ["2011-03-31", "2010-12-20"]
    assert "139****1234" in new.text["items"][1]["content"]
    assert new.published_by == director
    assert saved_text(pledge) == wanted
    assert pledge.items.get(key=KEY).pk == item_id, "what hangs on an item stays with it"
    assert {i.state for i in pledge.items.all()} == {"approved"}
    assert pledge.state == "published"
    event = Event.objects.get(kind="pledge.change")
    assert event.before[f"{KEY}.due_on"] == "2010-12-20"
    assert event.after[f"{KEY}.due_on"] == "2011-03-31"
    assert [m["place"] for m in event.detail["masked"]] == ["第2项 承诺内容", "变更理由"]
    assert services.base_of(pledge, pledge.version - 1) == before


def test_a_dropped_item_goes_and_the_difference_says_so(published, person):
    by = person("secretary", "branch")
    first = ask(published, by, items={NEW: {"content": "开通电话预约"}})
    services.approve_change(first, by=person("office_director", "city"))
    second = ask(published, by, items={KEY: None})
    services.approve_change(second, by=person("office_director", "city"))
    [latest, earliest] = queries.versions_before(live(published))
    dropped = [part.label for part in latest.parts if part.is_dropped]
    added = [part.label for part in earliest.parts if part.is_added]
    assert (dropped, added) == (["原第1项"], ["第2项"])


def test_a_refused_change_leaves_everything_as_it_was(asked, person):
    with pytest.raises(ReasonMissing):
        services.refuse_change(asked, by=person("office_director", "city"), reason=" ")
    services.refuse_change(asked, by=person("office_director", "city"), reason="理由不充分")
    assert Publication.objects.get().version == 1
    with pytest.raises(IllegalStep):
        services.approve_change(asked, by=person("office_director", "committee"))


def test_whoever_has_a_hand_in_it_does_not_approve_it(asked, person, chain):
    both = person("office_director", "city")
    appoint(user=both, post="liaison", organization=chain["branch"], on=DAY.date())
    with pytest.raises(StepRefused, match="在该组织任职"):
        services.approve_change(asked, by=fresh(both))
    assert not queries.changes_waiting_for(fresh(both)).exists()


def test_a_withdrawal_in_between_ends_the_request(asked, person):
    services.withdraw(asked.pledge, by=person("office_director", "city"), reason="内容有误")
    asked.refresh_from_db()
    assert asked.state == "lapsed"
    stale = Change.objects.get()
    stale.state = "requested"  # as the page that was open has it
    with pytest.raises(StepRefused, match="已经不在公开页面上"):
        services.approve_change(stale, by=person("office_director", "city"))
    assert not Publication.objects.published().exists()


# -- who is told ----------------------------------------------------------------------------------------


def test_the_desk_of_whoever_decides_has_it_and_no_other(asked, person):
    lines = {
        place: [d.title for d in change_duties(person("office_director", place), DAY.date())]
        for place in ["general", "city", "neighbour"]
    }
    assert lines == {place: [f"变更申请：{asked}"] for place in ["general", "city"]} | {"neighbour": []}
    assert change_duties(person("secretary", "branch"), DAY.date()) == []


def test_each_step_tells_whoever_it_concerns(published, person, relay):
    director, secretary = person("office_director", "city"), person("secretary", "branch")
    change = ask(published, secretary)
    relay()
    Notice.objects.get(recipient=director, subject__contains="请批准变更", link=change.get_absolute_url())
    services.refuse_change(change, by=director, reason="请补充依据")
    relay()
    told = Notice.objects.get(recipient=secretary, subject__contains="未获批准")
    assert "请补充依据" in told.body


def test_the_member_is_told(chain, phase, person, relay, django_user_model):
    own = django_user_model.objects.create_user("own", name="沈文清")
    pledge = publish_member(draft_of(a_member(chain["branch"], user=own), phase, own), person)
    change = ask(pledge, person("liaison", "branch"), aim="把窗口服务做实")
    services.approve_change(change, by=person("secretary", "general"))
    relay()
    assert Notice.objects.filter(recipient=own, subject__contains="变更已批准").exists()
