"""Two people write: whatever either of them typed is in the pledge or in the audit."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.models import Event
from common.states import StepRefused
from pledges import services, texts
from pledges.models import Pledge
from tests.pledges.conftest import item, saved_text

KEYS = [f"{n:012x}" for n in range(4)]


def with_(text, **changed):
    return {**text, **changed}


@pytest.fixture
def two(person, draft):
    """The secretary and the liaison, both with the same saved text open."""
    return person("secretary", "branch"), person("liaison", "branch")


def test_a_later_save_on_an_older_text_is_told_and_writes_nothing(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(title="书记的主题"), version=2, by=secretary)
    with pytest.raises(services.Conflict) as told:
        services.save(draft, text(title="联络员的主题"), version=2, by=liaison)
    (clash,) = told.value.clashes
    assert (clash.label, clash.mine, clash.theirs) == ("承诺主题", "联络员的主题", "书记的主题")
    assert clash.both_changed
    assert told.value.base["title"] == "财政窗口十五分钟办结"
    assert saved_text(draft)["title"] == "书记的主题"


def test_what_only_one_changed_is_suggested_from_whoever_changed_it(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(directions=["superior"]), version=2, by=secretary)
    mine = text(items=[item(responsible="顾晓峰")])
    with pytest.raises(services.Conflict) as told:
        services.save(draft, mine, version=2, by=liaison)
    assert {c.field: (c.suggested, c.both_changed) for c in told.value.clashes} == {
        "directions": ("theirs", False),
        f"{'a' * 12}.responsible": ("mine", False),
    }
    services.resolve(draft, mine, base_version=2, version=3, choices={}, by=liaison)
    both = saved_text(draft)
    assert (both["directions"], both["items"][0]["responsible"]) == (["superior"], "顾晓峰")


def test_the_side_not_chosen_is_kept_in_the_audit(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(title="书记的主题"), version=2, by=secretary)
    mine = text(title="联络员的主题")
    services.resolve(draft, mine, base_version=2, version=3, choices={"title": "theirs"}, by=liaison)
    assert saved_text(draft)["title"] == "书记的主题"
    assert Event.objects.filter(kind="pledge.edit").latest("pk").detail["set_aside"] == {
        "title": {"mine": "联络员的主题"}
    }


def test_saved_once_more_while_choosing_is_told_again(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(title="书记的主题"), version=2, by=secretary)
    services.save(draft, text(title="书记又改"), version=3, by=secretary)
    with pytest.raises(services.Conflict):
        services.resolve(draft, text(title="甲"), base_version=2, version=3, choices={}, by=liaison)


def test_both_added_an_item_and_both_are_kept(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(items=[item(), item("b" * 12, content="书记加的")]), version=2, by=secretary)
    mine = text(items=[item(), item("c" * 12, content="联络员加的")])
    services.resolve(draft, mine, base_version=2, version=3, choices={}, by=liaison)
    assert [i["content"] for i in saved_text(draft)["items"]] == [
        "全年上门办税十二次",
        "书记加的",
        "联络员加的",
    ]


def test_an_item_removed_by_one_and_changed_by_the_other_is_asked_about(two, draft, text):
    secretary, liaison = two
    start = text(items=[item(), item("b" * 12, content="第二件")])
    services.save(draft, start, version=2, by=secretary)
    services.save(draft, text(), version=3, by=secretary)
    mine = text(items=[item(), item("b" * 12, content="第二件，写细了")])
    with pytest.raises(services.Conflict) as told:
        services.save(draft, mine, version=3, by=liaison)
    (clash,) = told.value.clashes
    assert (clash.field, clash.theirs, clash.suggested, clash.both_changed) == ("b" * 12, None, "mine", True)


def test_too_many_items_together_are_refused_with_a_sentence(two, draft, text):
    secretary, liaison = two
    services.save(draft, text(items=[item(f"a{n:011x}") for n in range(9)]), version=2, by=secretary)
    mine = text(items=[item(), *(item(f"b{n:011x}") for n in range(5))])
    with pytest.raises(StepRefused, match="最多 10 项"):
        services.resolve(draft, mine, base_version=2, version=3, choices={}, by=liaison)


def test_the_same_save_twice_is_one_edit(two, draft, text):
    secretary, _ = two
    services.save(draft, text(title="新主题"), version=2, by=secretary)
    services.save(draft, text(title="新主题"), version=2, by=secretary)
    assert (Pledge.objects.get().version, Event.objects.filter(kind="pledge.edit").count()) == (3, 2)


def test_the_order_of_ticking_is_no_change(two, draft, text):
    secretary, _ = two
    services.save(draft, text(directions=["masses", "superior"]), version=2, by=secretary)
    services.save(draft, text(directions=["superior", "masses"]), version=2, by=secretary)
    assert saved_text(draft)["directions"] == ["superior", "masses"]
    assert Pledge.objects.get().version == 3


def test_the_text_of_any_version_is_told_back_from_the_audit(two, draft, text):
    secretary, _ = two
    written = [saved_text(draft)]
    for n in range(4):
        items = [item(key, content=f"{key}{n}") for key in KEYS[n % 2 : n + 1]]
        services.save(draft, text(title=f"第{n}稿", items=items), version=n + 2, by=secretary)
        written.append(saved_text(draft))
    pledge = Pledge.objects.get()
    assert [services.base_of(pledge, n + 2) for n in range(5)] == written


ITEMS = st.lists(st.sampled_from(KEYS), unique=True, max_size=4).flatmap(
    lambda keys: st.tuples(
        *(st.sampled_from(["甲", "乙", "丙"]).map(lambda c, k=k: item(k, content=c)) for k in keys)
    )
)
TEXTS = st.builds(
    lambda title, items: {
        "title": title,
        "category": None,
        "directions": [],
        "aim": "",
        "items": list(items),
    },
    st.sampled_from(["一", "二", "三"]),
    ITEMS,
)


@given(TEXTS, TEXTS, TEXTS, st.data())
def test_nothing_is_lost_whatever_is_chosen(base, mine, theirs, data):
    found = texts.clashes(base, mine, theirs)
    choices = {c.field: data.draw(st.sampled_from(["mine", "theirs"])) for c in found}
    result, aside = texts.merged(base, mine, theirs, choices)
    kept = texts.flatten(result)
    for field, side in [(f, s) for c in found for f, s in [(c.field, choices[c.field])]]:
        chosen = next(c for c in found if c.field == field)
        other = chosen.theirs if side == "mine" else chosen.mine
        assert other in aside[field].values()
        value = chosen.mine if side == "mine" else chosen.theirs
        if "." in field or field in texts.HEAD_FIELDS:
            assert kept[field] == value
        else:
            assert (field in kept["order"]) == (value is not None)
    untouched = set(texts.flatten(mine)) & set(texts.flatten(theirs)) - {"order"}
    for field in untouched:
        if texts.flatten(mine)[field] == texts.flatten(theirs)[field]:
            assert kept[field] == texts.flatten(mine)[field]


@given(base=TEXTS, text=TEXTS)
def test_a_change_can_be_taken_back(base, text):
    before, _ = texts.changed(base, text)
    assert texts.rewound(text, [before]) == base


@pytest.fixture
def three(person):
    return [person(post, "branch") for post in ("secretary", "liaison", "deputy_secretary")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(["open", "save"]),
            st.sampled_from([*KEYS, "title"]),
            st.booleans(),
        ),
        max_size=24,
    )
)
def test_random_editors_lose_no_update(steps, draft, three):
    """R11: three people open and save in any order; every word saved is in the text or in the audit."""
    with transaction.atomic():
        opened = [(2, saved_text(draft)) for _ in three]
        said = []
        for n, (who, action, field, takes_mine) in enumerate(steps):
            pledge = Pledge.objects.get()
            if action == "open":
                opened[who] = (pledge.version, saved_text(draft))
                continue
            word = f"第{n}句"
            said.append(word)
            version, base = opened[who]
            mine = _typed(base, field, word)
            _save(pledge, mine, version, three[who], "mine" if takes_mine else "theirs")
            current = Pledge.objects.get()
            opened[who] = (current.version, saved_text(draft))
        told = str(saved_text(draft)) + str(
            list(Event.objects.about(draft).values("before", "after", "detail"))
        )
        assert [word for word in said if word not in told] == []
        transaction.set_rollback(True)


def _typed(base, field, word):
    if field == "title":
        return with_(base, title=word)
    rest = [each for each in base["items"] if each["key"] != field]
    return with_(base, items=[*rest, item(field, content=word)])


def _save(pledge, mine, version, by, side):
    try:
        services.save(pledge, mine, version=version, by=by)
    except services.Conflict as conflict:
        choices = {clash.field: side for clash in conflict.clashes}
        services.resolve(
            pledge, mine, base_version=version, version=conflict.pledge.version, choices=choices, by=by
        )
