"""The preview of a move says exactly what the move then does, for every person, post and permission."""

import itertools

import pytest

from chuangxian.matrix import LABELS, MATRIX
from organizations.access import may
from organizations.models import Organization
from organizations.queries.preview import preview_affiliation
from organizations.services import affiliate, appoint
from tests.organizations.test_organizations import MOVE, again

POSTS = ["secretary", "office", "office_director", "discipline", "liaison"]


def rights(people, organizations):
    return {
        (str(person), perm, organization.pk)
        for person, perm, organization in itertools.product(people, MATRIX, organizations)
        if may(type(person).objects.get(pk=person.pk), perm, organization)
    }


@pytest.mark.parametrize(
    ("what", "to"), [("general", "neighbour"), ("general", "city"), ("committee", "neighbour")]
)
def test_gains_and_losses_are_those_that_happen(chain, person, what, to):
    people = [person(post, at) for post in POSTS for at in ("city", "committee", "neighbour", "general")]
    # one person on both sides loses nothing that the other post keeps
    appoint(user=people[0], post="secretary", organization=chain["dangzu"])
    appoint(user=person("secretary", "committee"), post="office", organization=chain["neighbour"])
    preview = preview_affiliation(chain[what], chain[to])
    subtree = list(Organization.objects.under(chain[what]))
    before = rights(people, subtree)
    affiliate(chain[what], superior=chain[to], on=MOVE, by=None)
    after = rights(people, [again(o) for o in subtree])

    def said(changes):
        return {(c.person, label) for c in changes for label in c.labels}

    assert said(preview.gains) == {(p, LABELS[perm]) for p, perm, _ in after - before}
    assert said(preview.loses) == {(p, LABELS[perm]) for p, perm, _ in before - after}
    assert preview.organizations == len(subtree)
