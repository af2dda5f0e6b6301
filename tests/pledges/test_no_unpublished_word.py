"""Whatever the order of steps: a word that is not public stands on no page that is open to visitors.

Every text carries words of its own (金雀0001). The test itself remembers which of them are public: those of the
published text and of the versions it replaced, until it is taken down. Hypothesis looks for an order that shows
another one, or a given name that its organization does not show.
"""

import re
from dataclasses import dataclass, field

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from common.states import IllegalStep, ReasonMissing, StepRefused
from pledges import services
from pledges.models import LIVE, NameDisplay, Pledge, PledgeItem, Publication
from pledges.texts import blank_text, text_of
from tests.pledges.conftest import item
from tests.pledges.publicity import a_member, member_text

WORD = re.compile(r"金雀\d{4}")
GIVEN = "金雀9999"
NAME = f"沈{GIVEN}"
REFUSALS = (IllegalStep, PermissionDenied, ReasonMissing, StepRefused)
REFUSALS += (services.Conflict, services.Incomplete, services.Unfit)
HANDS = {
    "organization": {
        "submit": "secretary@branch", "approve": "secretary@general", "return": "secretary@general",
        "reconsider": "secretary@general", "propose": "secretary@branch", "clear": "office@city",
        "bar": "office@city", "decline": "office_director@city", "publish": "office_director@city",
        "withdraw": "office_director@city", "recall": "secretary@branch",
        "ask": "secretary@branch", "decide": "office_director@city",
    },
    "member": {
        "submit": "liaison@branch", "approve": "secretary@branch", "return": "secretary@branch",
        "reconsider": "secretary@branch", "propose": "liaison@branch", "clear": "deputy_secretary@branch",
        "bar": "deputy_secretary@branch", "decline": "secretary@branch", "publish": "secretary@branch",
        "withdraw": "secretary@branch", "recall": "liaison@branch",
        "ask": "liaison@branch", "decide": "secretary@general",
    },
}  # fmt: skip
NEXT = {  # the way to the public page, and round again
    "draft": "submit", "returned": "submit", "submitted": "approve", "approved": "propose",
    "proposed": "clear", "cleared": "publish", "withdrawn": "propose",
}  # fmt: skip
matter = st.sampled_from(["organization", "member"])
scope = st.sampled_from(["outside", "outside", "inside"])


@dataclass
class Known:
    """What the test remembers of one pledge: its words, and those that stand on public pages, version by version."""

    pledge: Pledge
    scope: str = ""
    words: set[str] = field(default_factory=set)
    public: list[set[str]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


class Visitors(RuleBasedStateMachine):
    person = chain = phase = None

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.number, self.client, self.known = 0, Client(), {}

    def teardown(self) -> None:
        try:
            if self.known:
                self.look_everywhere()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize(shown=st.sampled_from(["surname", "surname", "full"]))
    def begin(self, shown):
        branch = self.chain["branch"]
        self.shown = shown
        NameDisplay.objects.create(organization=branch, shown=shown)
        draft = services.create_draft(branch, self.phase, by=self.by("organization", "submit"))
        self.known["organization"] = Known(draft)
        member = a_member(branch, NAME)
        draft = services.create_member_draft(member, self.phase, by=self.by("member", "submit"))
        self.known["member"] = Known(draft)
        self.save("organization")
        self.save("member")

    def by(self, of, what):
        return self.person(*HANDS[of][what].split("@"))

    def word(self) -> str:
        self.number += 1
        return f"金雀{self.number:04d}"

    def written(self, of) -> tuple[dict, set[str]]:
        """A text in which every word is new; the member's own name stands in it too."""
        a, b, c, d, e = (self.word() for _ in range(5))
        if of == "member":
            text = member_text(self.phase, aim=f"方向{a}", items=[item("b" * 12, content=f"{b}由{NAME}办")])
            return text, {a, b}
        rows = [item(content=f"内容{b}", measures=f"措施{c}", responsible=d, target=e)]
        category = self.phase.campaign.rubric.filter(subject="organization").first().pk
        return blank_text(title=f"主题{a}", category=category, directions=["masses"], items=rows), {
            a,
            b,
            c,
            d,
            e,
        }

    # -- the steps ------------------------------------------------------------------------------------

    @rule(of=matter)
    def save(self, of):
        known = self.known[of]
        text, words = self.written(of)
        version = Pledge.objects.get(pk=known.pledge.pk).version
        if self.done(services.save, known.pledge, text, version=version, by=self.by(of, "submit")):
            known.words = words

    @rule(of=matter, scope=scope, far=st.integers(1, 6))
    def go_on(self, of, scope, far):
        """Some steps along the way to the public page."""
        for _ in range(far):
            state = Pledge.objects.values_list("state", flat=True).get(pk=self.known[of].pledge.pk)
            if state != "published":
                self.step(of, NEXT[state], scope)

    @rule(of=matter, verb=st.sampled_from(sorted(services.VERBS)), scope=scope)
    def step(self, of, verb, scope):
        known = self.known[of]
        said = {"scope": scope} if verb == "propose" else {}
        if verb in {"return", "bar", "decline", "withdraw", "recall"}:
            said = {"reason": f"理由{self.word()}"}
        if verb == "publish":
            said = {"has_seen_masks": True}  # under 姓+某 the given name in the text is masked too
        if not self.done(services.VERBS[verb], known.pledge, by=self.by(of, verb), **said):
            return
        if verb == "propose":
            known.scope = scope
        elif verb == "publish":
            known.public = [set(known.words)]
        elif verb == "withdraw":
            known.public, known.asked = [], set()

    @rule(of=matter)
    def ask_for_a_change(self, of):
        known = self.known[of]
        publication = known.pledge.publications.filter(LIVE).first()
        if publication is None:
            return
        (text, words), why = self.written(of), self.word()
        reason = f"{why}，{NAME}同志报告" if of == "member" else why
        if self.done(services.request_change, publication, text, by=self.by(of, "ask"), reason=reason):
            known.asked = words | {why}

    @rule(of=matter, verb=st.sampled_from(["approve", "approve", "refuse", "recall"]))
    def answer_the_change(self, of, verb):
        known = self.known[of]
        change = known.pledge.changes.open().first()
        if change is None:
            return
        said = {"reason": f"答复{self.word()}"} if verb != "recall" else {}
        by = self.by(of, "ask" if verb == "recall" else "decide")
        if self.done(services.CHANGE_VERBS[verb], change, by=by, **said):
            if verb == "approve":
                known.public, known.words = [*known.public, known.asked], known.asked
            known.asked = set()

    def done(self, act, *args, **said) -> bool:
        try:
            with transaction.atomic():
                act(*args, **said)
        except REFUSALS:
            return False
        return True

    # -- what visitors find ---------------------------------------------------------------------------

    def public(self, *, latest=False) -> set[str]:
        found = {GIVEN} if self.shown == "full" and self.is_public("member") else set()
        for known in self.known.values():
            if known.scope == "outside":
                found |= set().union(*known.public[-1:] if latest else known.public)
        return found

    def is_public(self, of) -> bool:
        return bool(self.known[of].public) and self.known[of].scope == "outside"

    def words_at(self, url, **query) -> set[str]:
        page = self.client.get(url, query)
        assert not page.cookies
        echo = query.get("q", "无")
        shown = page.content.decode().replace(f'value="{echo}"', "").replace(f"：{echo}", "")
        return set(WORD.findall(shown))

    @invariant()
    def no_page_shows_another_word(self):
        if not self.known:
            return
        for name in ["public_list", "public_members"]:
            assert self.words_at(reverse(f"pledges:{name}")) <= self.public(latest=True)
        on_pages = set()
        for publication in Publication.objects.all():
            on_pages |= self.words_at(publication.get_absolute_url())
        assert on_pages == self.public(), "the pages hold exactly what is public"

    def look_everywhere(self):
        """Feeds, searches, homes and errors, when the story is over."""
        branch = self.chain["branch"].pk
        urls = ["/", reverse("organizations:public_detail", args=[branch]), "/pledges/999999/", "/没有/"]
        urls += [reverse(f"pledges:{n}") for n in ["rss", "atom", "members_rss", "members_atom"]]
        urls += [f"{reverse('pledges:public_members')}?organization={branch}"]
        urls += [reverse(f"pledges:{n}") for n in ["changes", "published", "published_members", "index"]]
        for known in self.known.values():
            urls += [
                known.pledge.get_absolute_url(),
                reverse("pledges:public_detail", args=[known.pledge.pk]),
            ]
            urls += [c.get_absolute_url() for c in known.pledge.changes.all()]
        for url in urls:
            assert self.words_at(url) <= self.public(), url
        latest = self.public(latest=True)
        hidden = {f"金雀{n:04d}" for n in range(1, self.number + 1)} - latest
        for word in [GIVEN, *sorted(hidden)[-4:], *sorted(latest)[:2]]:
            for name in ["public_list", "public_members", "rss", "members_atom"]:
                found = self.words_at(reverse(f"pledges:{name}"), q=word)
                assert found <= latest
                assert not found or word in latest, f"{word} is found by {name}"


@pytest.fixture
def visitors(chain, phase, person):
    for hands in HANDS.values():
        for hand in hands.values():
            person(*hand.split("@"))
    Visitors.person, Visitors.chain, Visitors.phase = staticmethod(person), chain, phase
    return Visitors


def test_whatever_the_order_of_steps_no_unpublished_word_is_read(visitors):
    run_state_machine_as_test(
        visitors,
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_the_story_reaches_every_kind_of_page(visitors):
    """The same machine led by hand: published, changed, taken down, published again with other words."""
    story = visitors()
    try:
        story.begin("surname")
        for of in ["organization", "member"]:
            story.go_on(of, "outside", 6)
            story.ask_for_a_change(of)
            story.no_page_shows_another_word()
            story.answer_the_change(of, "approve")
            story.no_page_shows_another_word()
            assert len(story.known[of].public) == 2
            story.ask_for_a_change(of)
            if of == "organization":
                story.step(of, "withdraw", "")
            story.no_page_shows_another_word()
        story.step("organization", "recall", "")
        story.save("organization")
        story.go_on("organization", "outside", 6)
        story.no_page_shows_another_word()
        assert story.is_public("organization")
        assert story.is_public("member")
        assert text_of(Pledge.objects.get(pk=story.known["organization"].pledge.pk))["title"]
    finally:
        story.teardown()
    assert not PledgeItem.objects.exists(), "every story is taken back"
