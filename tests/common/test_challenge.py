"""People who cannot see and people without JavaScript get through; programs and floods do not."""

import datetime as dt
import re

import pytest
import time_machine
from django import forms
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.http import QueryDict

from common import challenge
from common.challenge import ChallengeForm, Question, Throttle
from tests.common.solved import question, solved
from tests.portal.test_components import draw

NOON = dt.datetime(2010, 8, 19, 4, tzinfo=dt.UTC)


class OpinionForm(ChallengeForm):
    text = forms.CharField(label="意见", max_length=20)


class GroupForm(ChallengeForm, forms.ModelForm):
    class Meta:
        model = Group
        fields = ["name"]


@pytest.fixture(autouse=True)
def remembering(settings, request):
    """A cache that keeps, of this test alone; the tests' own keeps nothing."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": request.node.nodeid}}


def post(form=OpinionForm, **data):
    sent = QueryDict(mutable=True)
    sent.update({"text": "路灯坏了", **data})
    sent._mutable = False
    return form(sent)


def drawn(form):
    return draw('{% for field in form.challenge_fields %}<c-field :field="field" />{% endfor %}', form=form)


def assert_asked_anew(form, problem, before):
    assert not form.is_valid()
    assert form.errors["challenge_answer"] == [problem]
    page = drawn(form)
    assert before.token not in page
    assert form.question.text in page
    assert f'value="{form.question.token}"' in page
    assert form["challenge_answer"].value() == form["website"].value() == ""
    assert form["text"].value() == "路灯坏了", "nothing else is lost"


def test_the_question_is_read_from_the_label_and_the_bait_by_nobody():
    form = OpinionForm()
    page = drawn(form)
    assert re.search(
        r'<label for="id_challenge_answer">[一二三四五六七八九十]+[加减][一二三四五六七八九]等于几？', page
    )
    assert re.search(r'<input type="text" name="website" hidden tabindex="-1" autocomplete="off"', page)
    assert f'<input type="hidden" name="challenge" value="{form.question.token}"' in page
    assert list(form.fields)[0] == "text", "the question comes last"


def test_a_question_in_words_has_the_answer_it_seems_to_have():
    for _ in range(60):
        asked = Question.new()
        first, sign, second = re.fullmatch(r"(\w+)([加减])(\w+)等于几？", asked.text).groups()
        numbers = ["零", *"一二三四五六七八九十", *("十" + digit for digit in "一二三四五六七八")]
        first, second = numbers.index(first), numbers.index(second)
        assert asked.answer == (first + second if sign == "加" else first - second)
        assert asked.answer > 0


def with_answer(number):
    return next(asked for asked in iter(question, None) if asked.answer == number)


@pytest.mark.parametrize(
    ("number", "answers"),
    [(12, ["12", "１２", "十二", "一十二", " 1 2 。"]), (2, ["2", "二", "两"]), (10, ["10", "十", "一十"])],
)
def test_digits_wide_digits_and_words_are_one_answer(number, answers):
    asked = with_answer(number)
    assert all(asked.accepts(answer) for answer in answers)
    assert not any(asked.accepts(answer) for answer in ["", "0", "11", "十一", "1", "abc"])


def test_whoever_answers_gets_through_and_the_service_sees_nothing_of_it():
    form = post(**solved())
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"text": "路灯坏了"}


def test_a_question_is_good_once():
    answer = solved()
    assert post(**answer).is_valid()
    again = post(**answer)
    assert_asked_anew(again, challenge.USED, Question.of(answer["challenge"]))


def test_a_wrong_answer_costs_the_question_and_nothing_else():
    asked = question()
    wrong = post(challenge=asked.token, challenge_answer="一百")
    assert_asked_anew(wrong, challenge.WRONG, asked)
    assert not post(**solved(asked)).is_valid(), "no second guess at the same question"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=10)):
        assert post(**solved(wrong.question)).is_valid()


def test_no_answer_asks_for_one():
    asked = question()
    form = post(challenge=asked.token, challenge_answer=" ")
    assert_asked_anew(form, "请回答这道小题，写数字或汉字都可以。", asked)


def test_whoever_has_to_put_another_field_right_need_not_answer_twice():
    answer = solved()
    long = post(text="长" * 21, **answer)
    assert not long.is_valid()
    assert "challenge_answer" not in long.errors
    page = drawn(long)
    assert answer["challenge"] in page
    assert f'value="{answer["challenge_answer"]}"' in page
    assert post(**answer).is_valid()


def test_three_seconds_are_too_soon_and_the_same_answer_is_good_after_them():
    with time_machine.travel(NOON, tick=False) as clock:
        asked = Question.new()
        clock.shift(2.9)
        early = post(**solved(asked))
        assert not early.is_valid()
        assert early.errors["challenge_answer"] == [challenge.SOON]
        assert early["challenge"].value() == asked.token
        assert early["challenge_answer"].value() == str(asked.answer)
        clock.shift(0.2)
        assert post(**solved(asked)).is_valid()


def test_after_two_hours_there_is_a_new_question():
    assert post(**solved(question(seconds_ago=7190))).is_valid()
    asked = question(seconds_ago=7201)
    assert_asked_anew(post(**solved(asked)), challenge.EXPIRED, asked)


@pytest.mark.parametrize("token", ["", "x", "WyJhIiwxXQ:forged", "\0"])
def test_a_question_that_was_never_asked_has_no_answer(token):
    assert_asked_anew(post(challenge=token, challenge_answer="2"), challenge.EXPIRED, question())


def test_a_token_pieced_together_from_two_is_forged():
    (content, _), (_, signature) = (question().token.split(":") for _ in range(2))
    assert Question.of(f"{content}:{signature}") is None


def test_whoever_takes_the_bait_is_asked_again():
    asked = question()
    form = post(website="https://a.example", **solved(asked))
    assert_asked_anew(form, challenge.BAITED, asked)


def test_it_is_the_base_of_a_model_form_too(db):
    data = {"name": "群众", **solved()}
    assert GroupForm(data).is_valid()
    assert not GroupForm({"name": "群众"}).is_valid()


def test_a_network_comes_so_often_and_then_waits():
    throttle = Throttle("opinion", limit=2, seconds=600)
    with time_machine.travel(NOON, tick=False) as clock:
        assert [throttle.allow("192.0.2.1") for _ in range(4)] == [True, True, False, False]
        assert throttle.allow("192.0.2.2"), "another network"
        assert Throttle("search", limit=2, seconds=600).allow("192.0.2.1"), "another count"
        clock.shift(601)
        assert throttle.allow("192.0.2.1")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:0db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        (None, None, True),
        (None, "192.0.2.1", False),
    ],
)
def test_what_counts_as_one_network(one, other, is_same):
    throttle = Throttle("opinion", limit=1, seconds=600)
    assert throttle.allow(one)
    assert throttle.allow(other) is not is_same


def test_no_address_is_kept_and_no_day_can_be_laid_beside_another(settings):
    throttle = Throttle("opinion", limit=1, seconds=7 * 86400)
    for day in range(2):
        with time_machine.travel(NOON + dt.timedelta(days=day)):
            throttle.allow("192.0.2.1")
    kept = list(cache._cache)
    assert len(kept) == 2
    assert all(re.fullmatch(r":1:throttle:opinion:[0-9a-f]{64}", key) for key in kept)
    with time_machine.travel(NOON):
        settings.SECRET_KEY = "another"
        assert throttle.allow("192.0.2.1"), "without the key nobody can tell whose count it is"
