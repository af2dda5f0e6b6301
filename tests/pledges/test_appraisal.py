"""评诺: 党员自评 → 互评 → 组织评, one step back with a reason, and grades that are nobody else's business."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from campaigns.bands import Band, Bands, bands_of
from campaigns.duties import duties
from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from organizations.models import Member
from pledges.flow import APPRAISAL_FLOWS, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.models import Appraisal, Pledge
from pledges.services import appraisal as services

HELD = dt.date(2010, 8, 30)
PEERS = {"peers": {"好": 12, "中": 3, "差": 0}, "peers_present": 16, "peers_held_on": HELD}
GIVEN = {
    "self_appraise": {"self_band": "好", "self_text": "三件事都办了"},
    "peer_appraise": PEERS,
    "appraise": {"score": 96, "comment": "说到做到"},
}
FIELDS = {
    "open": {},
    "self_appraised": {"self_band": "好"},
    "peer_appraised": {"self_band": "好", **PEERS},
    "appraised": {"self_band": "好", **PEERS, "score": 96, "band": "好"},
}
POSTS = ["secretary", "deputy_secretary", "liaison", "office_director", "discipline"]
PLACES = ["branch", "general", "sibling"]
# (state, post, place) -> the buttons on a member's appraisal; everything unlisted is refused
MEMBERS = {
    ("open", "secretary", "branch"): {"self_appraise"},
    ("open", "deputy_secretary", "branch"): {"self_appraise"},
    ("open", "liaison", "branch"): {"self_appraise"},
    ("self_appraised", "secretary", "branch"): {"reopen", "peer_appraise"},
    ("self_appraised", "deputy_secretary", "branch"): {"reopen"},
    ("self_appraised", "liaison", "branch"): {"reopen", "peer_appraise"},
    ("peer_appraised", "secretary", "branch"): {"appraise", "reopen_peers"},
    ("peer_appraised", "deputy_secretary", "branch"): {"appraise"},
    ("peer_appraised", "liaison", "branch"): {"reopen_peers"},
    ("appraised", "secretary", "branch"): {"reopen_grade"},
    ("appraised", "deputy_secretary", "branch"): {"reopen_grade"},
}
LEADERS = {key: steps for key, steps in MEMBERS.items() if key[0] in {"open", "self_appraised"}} | {
    ("peer_appraised", "secretary", "branch"): {"reopen_peers"},
    ("peer_appraised", "liaison", "branch"): {"reopen_peers"},
    ("peer_appraised", "secretary", "general"): {"appraise"},
    ("appraised", "secretary", "general"): {"reopen_grade"},
}
ORGANIZATIONS = {
    ("open", "secretary", "branch"): {"self_appraise"},
    ("self_appraised", "secretary", "branch"): {"reopen"},
    ("self_appraised", "secretary", "general"): {"appraise"},
    ("appraised", "secretary", "general"): {"reopen_grade"},
}
# where each step leads, of a member's pledge and of an organization's
STEPS = {
    ("open", "self_appraise"): "self_appraised",
    ("self_appraised", "reopen"): "open",
    ("self_appraised", "peer_appraise"): "peer_appraised",
    ("peer_appraised", "reopen_peers"): "self_appraised",
    ("peer_appraised", "appraise"): "appraised",
    ("appraised", "reopen_grade"): "peer_appraised",
}
STEPS_OF_ORGANIZATIONS = {
    ("open", "self_appraise"): "self_appraised",
    ("self_appraised", "reopen"): "open",
    ("self_appraised", "appraise"): "appraised",
    ("appraised", "reopen_grade"): "self_appraised",
}


@pytest.fixture
def rows(chain, phase, campaign, author):
    """rows(n, **member) -> n members' pledges of the branch that are settled."""

    def make(number=1, is_leading=False, **member):
        first = Member.objects.count()
        made = []
        for each in range(first, first + number):
            values = {"name": f"党员{each}", "sex": "f", "standing": "full", **member}
            person = Member.objects.create(
                organization=chain["branch"], birth_month=dt.date(1980, 1, 1), joined_on=HELD, **values
            )
            pledge = Pledge.objects.create(
                organization=chain["branch"],
                member=person,
                is_leading=is_leading,
                phase=phase,
                category=campaign.rubric.filter(subject="member").first(),
                state="approved",
                submitted_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC),
                submitted_by=author,
            )
            pledge.items.create(number=1, content="全年上门办税十二次", state="approved", due_on=HELD)
            made.append(pledge)
        return made

    return make


def in_state(pledge, state, by):
    graded = {"appraised_at": dt.datetime(2010, 9, 1, tzinfo=dt.UTC), "appraised_by": by}
    fields = FIELDS[state] | (graded if state == "appraised" else {})
    Appraisal.objects.filter(pledge=pledge).delete()
    return Appraisal.objects.create(pledge=pledge, state=state, **fields)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("table", "whose"), [(MEMBERS, "member"), (LEADERS, "leader"), (ORGANIZATIONS, "organization")]
)
def test_the_buttons_are_those_of_the_hand_written_table(table, whose, rows, published, person):
    pledge = published if whose == "organization" else rows(is_leading=whose == "leader")[0]
    found = {}
    for state in FIELDS:
        appraisal = in_state(pledge, state, person("secretary", "general"))
        for post in POSTS:
            for place in PLACES:
                steps = {step.name for step in appraisal.flow.open_to(person(post, place), appraisal)}
                if steps:
                    found[state, post, place] = steps
    assert found == table


def test_the_tables_lead_where_they_should_and_nowhere_else():
    for pledge_flow, expected in [(MEMBER_FLOW, STEPS), (ORGANIZATION_FLOW, STEPS_OF_ORGANIZATIONS)]:
        flow = APPRAISAL_FLOWS[pledge_flow]
        assert {(s, step.name): step.target for step in flow for s in step.sources} == expected


def test_the_whole_way_and_back_again(rows, person):
    (pledge,) = rows()
    secretary = person("secretary", "branch")
    for step in GIVEN:
        services.give(pledge, step, GIVEN[step], by=secretary)
    done = Appraisal.objects.get()
    assert (done.state, done.score, done.band, done.appraised_by) == ("appraised", 96, "好", secretary)
    with pytest.raises(ReasonMissing):
        services.go_back(pledge, "reopen_grade", by=secretary, reason=" ")
    for step in ["reopen_grade", "reopen_peers", "reopen"]:
        services.go_back(pledge, step, by=secretary, reason="登记有误")
    empty = Appraisal.objects.get()
    assert (empty.state, empty.score, empty.peers, empty.self_band) == ("open", None, {}, "")
    back = Event.objects.get(kind="appraisal.reopen_grade")
    assert back.detail["taken_back"]["score"] == 96
    with pytest.raises(IllegalStep):
        services.go_back(pledge, "reopen", by=secretary, reason="登记有误")


def test_a_probationary_member_takes_part_and_is_not_graded(rows, person):
    (pledge,) = rows(standing="probationary")
    secretary = person("secretary", "branch")
    services.give(pledge, "self_appraise", GIVEN["self_appraise"], by=secretary)
    services.give(pledge, "peer_appraise", PEERS, by=secretary)
    with pytest.raises(StepRefused, match="不评定档次"):
        services.give(pledge, "appraise", GIVEN["appraise"], by=secretary)
    assert Appraisal.objects.get().state == "peer_appraised"


def test_nobody_grades_their_own(rows, person):
    (pledge,) = rows()
    secretary = person("secretary", "branch")
    Member.objects.update(user=secretary)
    in_state(pledge, "peer_appraised", secretary)
    with pytest.raises(StepRefused, match="您本人的承诺"):
        services.give(pledge, "appraise", GIVEN["appraise"], by=secretary)


def test_a_member_appraises_themselves_and_nobody_else(rows, person, django_user_model):
    own, other = rows(2)
    user = django_user_model.objects.create_user("own", name="own")
    Member.objects.filter(pk=own.member_id).update(user=user)
    services.give(own, "self_appraise", GIVEN["self_appraise"], by=user)
    with pytest.raises(PermissionDenied):
        services.give(other, "self_appraise", GIVEN["self_appraise"], by=user)
    with pytest.raises(PermissionDenied):
        services.give(own, "peer_appraise", PEERS, by=user)
    client = browser(user)
    assert client.get(reverse("pledges:appraisal", args=[own.pk])).status_code == 200
    assert client.get(reverse("pledges:appraisal", args=[other.pk])).status_code == 404


def test_an_organization_is_scored_by_its_superior_without_peers(published, person):
    services.give(published, "self_appraise", {"self_band": "中"}, by=person("secretary", "branch"))
    with pytest.raises(StepRefused, match="没有互评"):
        services.give(published, "peer_appraise", PEERS, by=person("secretary", "branch"))
    services.give(published, "appraise", {"score": 94}, by=person("secretary", "general"))
    assert Appraisal.objects.get().band == "中"


@pytest.mark.parametrize(
    ("step", "values", "why"),
    [
        ("self_appraise", {"self_band": "优秀"}, "好、中、差"),
        ("peer_appraise", PEERS | {"peers_held_on": None}, "日期"),
        ("peer_appraise", PEERS | {"peers_held_on": dt.date(2010, 9, 2)}, "不能晚于今天"),
        ("peer_appraise", PEERS | {"peers_present": 14}, "合计 15 人"),
        ("peer_appraise", PEERS | {"peers": {"优": 1}}, "好、中、差"),
        ("peer_appraise", PEERS | {"peers": {"好": 0}}, "请填写互评的人数"),
        ("appraise", {"score": 101}, "0 至 100"),
        ("appraise", {"score": 94.5}, "整数"),
        ("appraise", {"score": None}, "整数"),
    ],
)
def test_what_cannot_be_recorded_is_refused(step, values, why, rows, person):
    (pledge,) = rows()
    with pytest.raises(StepRefused, match=why):
        services.give(
            pledge, step, {"comment": "", "self_text": "", **values}, by=person("secretary", "branch")
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "splendid"},
        {"state": "appraised"},
        {"state": "peer_appraised", "score": 90, "band": "中"},
        {"state": "appraised", "score": 101, "band": "好"},
        {"state": "peer_appraised", "peers_present": 3},
        {"state": "open", "self_band": "好"},
    ],
)
def test_the_database_refuses_what_makes_no_sense(fields, rows, author):
    (pledge,) = rows()
    graded = {"appraised_at": dt.datetime(2010, 9, 1, tzinfo=dt.UTC), "appraised_by": author}
    with pytest.raises(IntegrityError), transaction.atomic():
        Appraisal.objects.create(pledge=pledge, **fields, **(graded if fields.get("score") else {}))


# -- bands -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "band"), [(100, "好"), (95, "好"), (94.5, "中"), (94, "中"), (80, "中"), (79, "差"), (0, "差")]
)
def test_no_score_falls_between_two_bands(score, band, campaign):
    assert bands_of(campaign, "pledge_appraisal").of(score) == band


def test_bands_are_the_campaigns_and_the_shipped_ones_where_it_has_none(campaign):
    assert bands_of(campaign, "pledge_appraisal").rule == "好 95 分及以上，中 80 分及以上，差 80 分以下"
    campaign.scales = {
        "pledge_appraisal": {
            "name": "评诺",
            "bands": [{"name": "过", "least": 60}, {"name": "否", "least": 0}],
        }
    }
    assert bands_of(campaign, "pledge_appraisal") == Bands([Band("过", 60), Band("否", 0)])


# -- the roster ------------------------------------------------------------------------------


def page_of(user, pledge):
    return browser(user), reverse("pledges:appraisals_at", args=[pledge.organization_id])


def line(pledge, **typed):
    return {f"{pledge.pk}-{name}": value for name, value in typed.items()}


WHOLE = {
    "band": "好",
    "text": "都办了",
    "peers_0": "12",
    "peers_1": "3",
    "score": "96",
    "comment": "说到做到",
}
MEETING = {"held_on": "2010-08-30", "present": "16"}


def test_a_roster_is_appraised_on_one_page(rows, person):
    first, second, third = rows(3)
    client, url = page_of(person("secretary", "branch"), first)
    assert client.get(url).status_code == 200
    sent = MEETING | line(first, **WHOLE) | line(second, band="中") | line(third)
    assert client.post(url, sent).status_code == 302
    assert list(Appraisal.objects.order_by("pledge").values_list("state", "score", "band")) == [
        ("appraised", 96, "好"),
        ("self_appraised", None, ""),
    ]
    assert Appraisal.objects.get(pledge=first).peers == {"好": 12, "中": 3, "差": 0}
    assert Event.objects.get(kind="appraisal.appraise").detail["said"]["score"] == 96


def test_a_mistake_in_one_line_keeps_everything_typed_and_records_nothing(rows, person):
    first, second = rows(2)
    client, url = page_of(person("secretary", "branch"), first)
    sent = MEETING | line(first, **WHOLE) | line(second, **WHOLE | {"score": "94.5", "comment": "将近"})
    page = client.post(url, sent)
    assert page.status_code == 422
    text = page.content.decode()
    assert "评分应为 0 至 100 的整数" in text
    assert 'value="94.5"' in text
    assert 'value="将近"' in text
    assert not Appraisal.objects.exclude(state="open").exists()


def test_a_step_left_out_is_pointed_to(rows, person):
    (pledge,) = rows()
    client, url = page_of(person("secretary", "branch"), pledge)
    page = client.post(url, line(pledge, band="好", score="90"))
    assert page.status_code == 422
    assert "请先填写这一步" in page.content.decode()


def test_whoever_was_overtaken_is_named_and_the_others_go_on(rows, person):
    first, second = rows(2)
    secretary = person("secretary", "branch")
    taken = services.give_all(
        "self_appraise", {p.pk: {"self_band": "好"} for p in (first, second)}, by=secretary
    )
    assert len(taken.done) == 2
    again = services.give_all("self_appraise", {first.pk: {"self_band": "中"}}, by=secretary)
    assert [why for _, why in again.refused] == ["现在是“已自评”，不能自评。"]
    assert Appraisal.objects.get(pledge=first).self_band == "好"


def test_a_batch_costs_the_same_for_two_and_for_six(rows, person, django_assert_num_queries):
    secretary = person("secretary", "branch")
    for number in (2, 6):
        given = {p.pk: PEERS for p in rows(number)}
        services.give_all("self_appraise", {pk: {"self_band": "好"} for pk in given}, by=secretary)
        user = type(secretary).objects.get(pk=secretary.pk)
        with django_assert_num_queries(13):
            assert len(services.give_all("peer_appraise", given, by=user).done) == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_roster_costs_the_same_at_one_and_three(number, rows, person, django_assert_num_queries):
    pledges = rows(number)
    client, url = page_of(person("secretary", "branch"), pledges[0])
    client.get(url)
    with django_assert_num_queries(10):
        assert client.get(url).content.decode().count('id="row-') == number


def test_no_page_of_grades_ranks_or_averages(rows, person):
    pledges = rows(2)
    for pledge, score in zip(pledges, [99, 81], strict=True):
        in_state(pledge, "peer_appraised", person("secretary", "branch"))
        services.give(pledge, "appraise", {"score": score}, by=person("secretary", "branch"))
    client, url = page_of(person("secretary", "general"), pledges[0])
    text = client.get(url).content.decode()
    assert "99 分" in text
    for word in ["平均", "90 分", "名次", "第1名"]:
        assert word not in text


@pytest.mark.parametrize(
    ("post", "place", "status"), [("secretary", "sibling", 404), ("liaison", "general", 404)]
)
def test_grades_are_seen_by_oneself_the_branch_and_its_chain_only(post, place, status, rows, person, client):
    (pledge,) = rows()
    in_state(pledge, "appraised", person("secretary", "branch"))
    for name in ["pledges:appraisal", "pledges:appraisals_at"]:
        pk = pledge.pk if name == "pledges:appraisal" else pledge.organization_id
        assert browser(person(post, place)).get(reverse(name, args=[pk])).status_code == status
        assert client.get(reverse(name, args=[pk])).status_code == 302


def test_one_pledge_is_appraised_and_corrected_on_its_page(rows, person):
    (pledge,) = rows()
    client = browser(person("secretary", "branch"))

    def send(step, **data):
        return client.post(reverse("pledges:appraisal_step", args=[pledge.pk, step]), data)

    refused = send("self_appraise", band="", text="都办了")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [
        "band"
    ]  # a page of one step says what it cannot do without
    assert refused.context["form"]["text"].value() == "都办了"
    assert send("self_appraise", band="好", text="都办了").status_code == 302
    refused = send("peer_appraise", peers_0="5")
    assert list(refused.context["meeting"].errors) == ["held_on", "present"]
    assert send("peer_appraise", peers_0="5", peers_1="2", **MEETING).status_code == 302
    shown = client.get(reverse("pledges:appraisal", args=[pledge.pk])).content.decode()
    assert "好 5，中 2，差 0" in shown
    assert send("appraise", score="200").status_code == 422
    assert send("appraise", score="88", comment="还可以").status_code == 302
    assert send("reopen_grade", reason="").status_code == 422
    assert send("reopen_grade", reason="看错一行").status_code == 302
    assert send("appraise", score="89").status_code == 302
    assert send("nonsense").status_code == 404
    assert Appraisal.objects.get().score == 89
    assert "看错一行" in Event.objects.get(kind="appraisal.reopen_grade").reason


def test_duties_name_the_appraisals_to_give(rows, person):
    (pledge,) = rows()
    secretary = person("secretary", "branch")

    def waiting(user):
        return [d.label for d in duties(type(user).objects.get(pk=user.pk), dt.date(2010, 8, 31))]

    in_state(pledge, "self_appraised", secretary)
    assert "待互评" in waiting(secretary)
    in_state(pledge, "peer_appraised", secretary)
    assert "待评定" in waiting(secretary)
    assert "待评定" not in waiting(person("liaison", "branch"))
    Member.objects.update(standing="probationary", confirmed_on=None)
    assert "待评定" not in waiting(secretary)
