"""Whatever happens to the tree, in whatever order, these stay true. Hypothesis looks for an order that breaks them."""

import datetime as dt
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chuangxian.matrix import MATRIX
from organizations.access import may, within_reach
from organizations.kinds import HAS_SUBORDINATES
from organizations.models import Affiliation, Organization
from organizations.posts import Post, Reach
from organizations.services import (
    OrganizationRefused,
    affiliate,
    appoint,
    dissolve,
    found,
    merge,
    relieve,
    rename,
    reorder,
)

FIRST = dt.date(2010, 1, 1)
DAYS = [FIRST + dt.timedelta(days=i) for i in range(12)]
day = st.sampled_from(DAYS)
any_number = st.integers(0, 1000)
# one permission of each reach is enough to tell the reaches apart; all others are rows of the same table
SAMPLE = {reach: next((p for p, posts in MATRIX.items() if reach in posts.values()), None) for reach in Reach}
PERMISSIONS = sorted(p for p in SAMPLE.values() if p)


@dataclass
class Known:
    """What the test itself remembers of one organization: the oracle, told nothing by paths."""

    superiors: list[tuple[dt.date, int | None]]
    names: list[tuple[dt.date, str]]
    dissolved_on: dt.date | None = None
    appointments: list = field(default_factory=list)

    @property
    def superior(self) -> int | None:
        return self.superiors[-1][1]

    def superior_on(self, when: dt.date) -> int | None:
        if self.dissolved_on is not None and when >= self.dissolved_on:
            return None
        return next((s for since, s in reversed(self.superiors) if since <= when), None)

    def name_on(self, when: dt.date) -> str:
        return next((n for since, n in reversed(self.names) if since <= when), self.names[0][1])


class Tree(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.known: dict[int, Known] = {}
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        users = get_user_model().objects
        self.users = [users.create_user(f"user{i}", name=f"用户{i}") for i in range(3)]
        root = self._found(None, "committee", FIRST)
        for kind in ("committee", "general_branch", "working_committee"):
            child = self._found(root, kind, FIRST)
            self._found(child, "general_branch", DAYS[1])

    def _found(self, parent: Organization | None, kind: str, on: dt.date) -> Organization:
        self.number += 1
        name = f"组织{self.number}"
        new = found(name=name, kind=kind, code=f"c{self.number}", parent=parent, on=on, order=self.number % 3)
        self.known[new.pk] = Known(
            [(max(on, parent.founded_on) if parent else on, parent and parent.pk)], [(on, name)]
        )
        return new

    def pick(self, number: int) -> Organization:
        pks = sorted(self.known)
        return Organization.objects.get(pk=pks[number % len(pks)])

    @rule(under=any_number, kind=st.sampled_from(["committee", "general_branch", "branch", "dangzu"]), on=day)
    def found(self, under, kind, on):
        parent = self.pick(under)
        try:
            self._found(parent, kind, on)
        except OrganizationRefused:
            assert parent.dissolved_on or parent.kind not in HAS_SUBORDINATES

    @rule(which=any_number, on=day)
    def rename(self, which, on):
        organization = self.pick(which)
        self.number += 1
        try:
            rename(organization, name=f"新名{self.number}", on=on, by=None)
        except OrganizationRefused:
            return
        self.known[organization.pk].names.append((on, f"新名{self.number}"))

    @rule(which=any_number, order=st.integers(0, 3))
    def reorder(self, which, order):
        reorder(self.pick(which), order=order, by=None)

    @rule(which=any_number, to=any_number, on=day)
    def move(self, which, to, on):
        organization, superior = self.pick(which), self.pick(to)
        try:
            affiliate(organization, superior=superior, on=on, by=None)
        except OrganizationRefused:
            return
        self.known[organization.pk].superiors.append((on, superior.pk))

    @rule(which=any_number, into=any_number, on=day)
    def merge(self, which, into, on):
        organization, successor = self.pick(which), self.pick(into)
        try:
            merge(organization, into=successor, on=on, by=None)
        except OrganizationRefused:
            return
        for known in self.known.values():
            if known.superior == organization.pk and known.dissolved_on is None:
                known.superiors.append((on, successor.pk))
        self._gone(organization.pk, on)

    @rule(which=any_number, on=day)
    def dissolve(self, which, on):
        organization = self.pick(which)
        try:
            dissolve(organization, on=on, by=None)
        except OrganizationRefused:
            return
        assert not [k for k in self.known.values() if k.superior == organization.pk and not k.dissolved_on]
        self._gone(organization.pk, on)

    def _gone(self, pk, on):
        self.known[pk].dissolved_on = on
        self.known[pk].appointments.clear()

    @rule(who=st.integers(0, 2), post=st.sampled_from(Post), where=any_number)
    def appoint(self, who, post, where):
        organization, user = self.pick(where), self.users[who]
        try:
            given = appoint(user=user, post=post, organization=organization, replacing=True)
        except OrganizationRefused:
            return
        self.known[organization.pk].appointments.append(given)

    @rule(which=any_number)
    def relieve(self, which):
        standing = [(k, a) for k in self.known.values() for a in k.appointments]
        if standing:
            known, appointment = standing[which % len(standing)]
            relieve(appointment)
            known.appointments.remove(appointment)

    def superiors_of(self, pk: int) -> list[int]:
        chain = []
        while (pk := self.known[pk].superior) is not None:
            assert pk not in chain, "a cycle"
            chain.append(pk)
        return chain

    @invariant()
    def paths_say_what_the_parents_say(self):
        rows = {o.pk: o for o in Organization.objects.all()}
        assert set(rows) == set(self.known)
        for pk, organization in rows.items():
            chain = [*reversed(self.superiors_of(pk)), pk]
            assert organization.path == "".join(f"{each}." for each in chain)
            assert organization.order_path == "".join(f"{rows[c].order:05d}{c:010d}." for c in chain)
            assert organization.parent_id == self.known[pk].superior

    @invariant()
    def history_answers_for_every_day(self):
        days = [*DAYS, timezone.localdate()]
        said: dict[tuple[int, dt.date], int | None] = {}
        for row in Affiliation.objects.all():
            for when in days:
                if row.starts_on <= when and (row.ends_on is None or when < row.ends_on):
                    assert (row.organization_id, when) not in said, "two superiors on one day"
                    said[row.organization_id, when] = row.superior_id
        for pk, known in self.known.items():
            for when in days:
                assert said.get((pk, when)) == known.superior_on(when)
                self.acyclic_on(pk, when)

    def acyclic_on(self, pk, when):
        chain = [pk]
        while (above := self.known[chain[-1]].superior_on(when)) is not None:
            assert above not in chain, f"its own superior on {when}"
            chain.append(above)

    @invariant()
    def an_organization_answers_for_itself(self):
        organization = self.pick(self.number)
        known, when = self.known[organization.pk], DAYS[self.number % len(DAYS)]
        superior = organization.superior_on(when)
        assert (superior and superior.pk) == known.superior_on(when)
        assert organization.name_on(when) == known.name_on(when)

    @invariant()
    def rights_follow_the_chain(self):
        rows = list(Organization.objects.all())
        for user in self.users:
            fresh = get_user_model().objects.get(pk=user.pk)
            for perm in PERMISSIONS:
                by_oracle = {pk for pk in self.known if self.allowed(user, perm, pk)}
                assert {o.pk for o in rows if may(fresh, perm, o)} == by_oracle
                table = Organization.objects.filter(within_reach(fresh, perm, via=""))
                assert set(table.values_list("pk", flat=True)) == by_oracle

    def allowed(self, user, perm, pk) -> bool:
        chain = self.superiors_of(pk)
        held = [(k, a) for k in self.known.values() for a in k.appointments if a.user_id == user.pk]
        for _, appointment in held:
            reach, at = MATRIX[perm].get(Post(appointment.post)), appointment.organization_id
            if reach in (Reach.OWN, Reach.OWN_AND_BELOW) and at == pk:
                return True
            if reach is Reach.NEXT_BELOW and chain[:1] == [at]:
                return True
            if reach in (Reach.BELOW, Reach.OWN_AND_BELOW) and at in chain:
                return True
        return False


def test_the_tree_keeps_its_promises(db):
    run_state_machine_as_test(
        Tree,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
