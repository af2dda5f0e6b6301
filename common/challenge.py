"""What stands before an anonymous public form: a small question in words, a bait, and a count per network.

No third party, no picture, no script: whoever can read the form, or have it read aloud, can answer. It keeps
out programs that post to every form they find, not one that was written for this form; the count is for that.

A page with a question in it is nobody else's: its view is not a ``common.caching.public_page``.

Django's cache, in which answered questions and counts are kept, is local memory here. So each web process
remembers for itself: a question is good once in each process, and a network may come ``limit`` times in each.
Both stay small numbers, and no more is claimed. A restart forgets them.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import time
import unicodedata
from copy import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.cache import cache
from django.forms import BoundField
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import lazy

SOONEST_SECONDS = 3
VALID_SECONDS = 2 * 3600
_SALT = "common.challenge"
_DIGITS = "零一二三四五六七八九十"

_KEPT = "已填写的其他内容都还在。"
WRONG = f"答案不对，没有关系：请回答这道新的小题。{_KEPT}"
EXPIRED = f"页面打开得太久，原来的小题失效了。请回答新的小题后再提交；{_KEPT}"
SOON = f"提交得太快，系统分不清是人还是程序。请过几秒再提交一次，答案不用改；{_KEPT}"
BAITED = f"系统误以为这是程序填写的。请回答新的小题后再提交；{_KEPT}"
USED = "这道小题已经用过。如果刚才已经提交成功，不必再提交；否则请回答新的小题后再提交。"


@dataclass(frozen=True)
class Question:
    """七加五等于几？ The sum follows from ``number`` and the secret key; the token does not hold it."""

    number: str
    shown_at: float

    @classmethod
    def new(cls) -> Question:
        return cls(secrets.token_hex(8), time.time())

    @classmethod
    def of(cls, token: str) -> Question | None:
        """The question that was shown with this token; None when we never gave it out."""
        try:
            number, shown_at = signing.Signer(salt=_SALT).unsign_object(token)
        except signing.BadSignature:
            return None
        return cls(number, shown_at)

    @property
    def token(self) -> str:
        return signing.Signer(salt=_SALT).sign_object([self.number, self.shown_at])

    @property
    def age(self) -> float:
        return time.time() - self.shown_at

    @property
    def text(self) -> str:
        first, second, is_sum = self._terms
        if is_sum:
            return f"{_in_words(first)}加{_in_words(second)}等于几？"
        return f"{_in_words(first + second)}减{_in_words(second)}等于几？"

    @property
    def answer(self) -> int:
        first, second, is_sum = self._terms
        return first + second if is_sum else first

    def accepts(self, answer: str) -> bool:
        """12, １２, 十二 and 一十二 are the same; so are 2, 二 and 两."""
        said = "".join(unicodedata.normalize("NFKC", answer).split()).rstrip("。.")
        words = _in_words(self.answer)
        return said in {str(self.answer), words, words.replace("十", "一十"), words.replace("二", "两")}

    def spend(self) -> bool:
        """False when it was spent before."""
        return cache.add(f"challenge:{self.number}", True, VALID_SECONDS)

    @property
    def _terms(self) -> tuple[int, int, bool]:
        drawn = salted_hmac(_SALT, self.number, algorithm="sha256").digest()
        return drawn[0] % 9 + 1, drawn[1] % 9 + 1, drawn[2] % 2 == 0


def _in_words(number: int) -> str:
    """1 to 18"""
    return _DIGITS[number] if number <= 10 else f"十{_DIGITS[number - 10]}"


class Bait(forms.TextInput):
    """A field that people neither see nor hear and programs fill in. It goes where hidden fields go."""

    is_hidden = True

    def __init__(self) -> None:
        unseen = {"hidden": True, "tabindex": "-1", "autocomplete": "off", "aria-label": "请留空"}
        super().__init__(unseen)


class ChallengeForm(forms.Form):
    """A form of an anonymous visitor, or together with ModelForm the base of one.

    The template draws ``challenge_fields``, each as a <c-field>. A question is spent by the wrong answer to
    it, and by the post that makes the whole form valid: whoever has to put another field right need not
    answer twice. Hence ``is_valid`` is true once for a question, and a form is made once for a request.
    """

    challenge = forms.CharField(required=False, widget=forms.HiddenInput)
    challenge_answer = forms.CharField(
        max_length=20,
        help_text="为了挡住自动程序。写数字或汉字都可以，例如 3 或 三。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请回答这道小题，写数字或汉字都可以。"},
    )
    website = forms.CharField(required=False, widget=Bait)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ChallengeForm.base_fields:
            self.fields[name] = self.fields.pop(name)  # asked last
        self.question = Question.of(self._sent("challenge")) or Question.new()
        self.fields["challenge"].initial = self.question.token
        self.fields["challenge_answer"].label = lazy(lambda: self.question.text, str)()

    @property
    def challenge_fields(self) -> list[BoundField]:
        return [self[name] for name in ChallengeForm.base_fields]

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            return
        if problem := self._problem():
            if "challenge_answer" not in self.errors:
                self.add_error("challenge_answer", problem)
            if problem != SOON:  # a new question would only start its seconds anew
                self.ask_anew()
        for name in ChallengeForm.base_fields:
            self.cleaned_data.pop(name, None)  # nothing that a service takes

    def _problem(self) -> str:
        question = Question.of(self._sent("challenge"))
        if question is None or question.age > VALID_SECONDS:
            return EXPIRED
        if question.age < SOONEST_SECONDS:
            return SOON
        if self._sent("website"):
            return BAITED
        if not question.accepts(self.cleaned_data.get("challenge_answer", "")):
            question.spend()
            return WRONG
        if not self.errors and not question.spend():
            return USED
        return ""

    def ask_anew(self) -> None:
        """Another question, with all else as it was typed: also for a view that refuses a valid form."""
        self.question = Question.new()
        data: Any = copy(self.data)  # what was posted cannot be changed
        for name, value in [("challenge", self.question.token), ("challenge_answer", ""), ("website", "")]:
            data[self.add_prefix(name)] = value
        self.data = data

    def _sent(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), ""))


@dataclass(frozen=True)
class Throttle:
    """At most ``limit`` times in ``seconds`` from one network: an IPv4 address, or the 64 bits an IPv6 line has.

    What is kept is a count under a keyed hash whose salt is the day. No address is stored, and yesterday's
    counts cannot be laid beside today's: at midnight every network begins at nothing.
    """

    name: str
    limit: int
    seconds: int

    def allow(self, address: str | None) -> bool:
        """Counts this time too. Those without an address (a socket of this machine) are one network together."""
        key = f"throttle:{self.name}:{_hidden(_network(address), timezone.localdate())}"
        cache.add(key, 0, self.seconds)
        try:
            return cache.incr(key) <= self.limit
        except ValueError:  # it ran out just now
            return True


def _network(address: str | None) -> str:
    if address is None:
        return ""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


def _hidden(network: str, day: dt.date) -> str:
    return salted_hmac(f"{_SALT}.throttle:{day.isoformat()}", network, algorithm="sha256").hexdigest()
