"""Search is exact: every publication that contains the words, and none that does not."""

import datetime as dt

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from common.search import matching, searchable, vector, words
from common.text import fold
from organizations.services import rename
from pledges import services
from pledges.models import Pledge, Publication
from pledges.queries import Filters
from pledges.texts import text_of

LETTERS = st.text(alphabet="服务群众窗口党员办结，。、%_\\'-a1B2９ｉé ＡＢ（）豈更\n", max_size=12)


def rewrite(template, bodies):
    """As many publications as there are bodies, each with one of them."""
    rows = []
    for body in bodies:
        template.pk, template.withdrawn_at = None, None
        template.pledge = Pledge.objects.create(
            organization=template.organization, phase=template.phase, hands=[]
        )
        template.body = searchable([body])
        template.tokens = vector(template.body)
        template.save(force_insert=True)
        rows.append(template.pk)
    return rows


@pytest.fixture
def template(published):
    row = Publication.objects.get()
    Publication.objects.all().delete()
    return row


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(LETTERS, min_size=1, max_size=6), query=LETTERS)
@example(bodies=["服务群众", "服务，群众", "群众服务"], query="服务群众")
@example(bodies=["服务，群众", "服务群众"], query="服务，群众")
@example(bodies=["一百%", "一百"], query="百%")
@example(bodies=["ISO9001认证", "9001"], query="9001")
@example(bodies=["iso９００１"], query="ISO9001")
@example(bodies=["办结"], query="办 结")
@example(bodies=["务服务"], query="服务服")
@example(bodies=["第一党支部", "第一支部", "第一党，支部", "一党"], query="第一党支部")
@example(bodies=["党支部", "支部党支", "党支"], query="党支部")
@example(bodies=["支部", "党支"], query="支部")
def test_the_answer_is_the_substring_search(template, bodies, query):
    with transaction.atomic():
        _compare(rewrite(template, bodies), bodies, query)
        transaction.set_rollback(True)


def _compare(pks, bodies, query):
    expected = {
        pk for pk, body in zip(pks, bodies, strict=True) if all(w in fold(body) for w in words(query))
    }
    assert set(matching(Publication.objects.published(), query).values_list("pk", flat=True)) == expected


def test_words_are_folded_and_separated_by_any_space():
    assert words("  服务　ＩＳＯ9001\t群众 ") == ["服务", "iso9001", "群众"]
    assert words("") == words(" \0 ") == []


def test_a_two_character_word_needs_no_recheck_and_a_longer_one_has_it(published):
    short = str(matching(Publication.objects.published(), "办结").query)
    long = str(matching(Publication.objects.published(), "十五分钟").query)
    assert "LIKE" not in short
    assert "LIKE" in long
    assert "@@" in short


def test_signs_that_mean_something_to_the_database_are_just_signs(published):
    for query in [
        "'",
        "\\",
        "%",
        "_",
        "办结%",
        "' OR 1=1 --",
        "办结 & 窗口",
        "办结:*",
        "!办结",
        "(",
        "\ud7ff",
    ]:
        expected = all(word in Publication.objects.get().body for word in words(query))
        assert matching(Publication.objects.published(), query).exists() == expected, query


def test_the_tokens_index_answers(published):
    with connection.cursor() as cursor:
        for table, columns in [("pledge", {}), ("publication", {"pledge_id": "pledge_id + 100000 + g"})]:
            columns |= {"id": "t.id + 100000 + g", "tokens": "array_to_tsvector(ARRAY['t' || g])"}
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                [f"pledges_{table}"],
            )
            names = [name for (name,) in cursor.fetchall()]
            cursor.execute(
                f"INSERT INTO pledges_{table} ({', '.join(names)}) "
                f"SELECT {', '.join(columns.get(name, f't.{name}') for name in names)} "
                f"FROM pledges_{table} t, generate_series(1, 3000) g"
            )
        cursor.execute("ANALYZE pledges_publication")
    plan = Filters(words="办结").narrow(Publication.objects.published()).explain()
    assert "publication_tokens" in plan


def test_the_index_survives_the_whole_way_of_a_pledge(published):
    publication = Publication.objects.get()
    for query in ["办结", "财政窗口十五分钟办结", "沈明", "震泽镇财政所", "上门办税十二次", "类别1"]:
        assert matching(Publication.objects.published(), query).get() == publication
    assert not matching(Publication.objects.published(), "植树").exists()


@pytest.mark.parametrize(
    "number", ["13900001234", "139 0000 1234", "139-0000-1234", "１３９００００１２３４"]
)
def test_a_masked_number_cannot_be_searched_for(number, published, person, draft, text):
    services.withdraw(published, by=person("office_director", "city"), reason="有误")
    secretary = person("secretary", "branch")
    services.recall(published, by=secretary, reason="改")
    version = Pledge.objects.get().version
    services.save(published, text(title=f"请拨打{number}"), version=version, by=secretary)
    services.submit(published, by=secretary)
    services.approve(published, by=person("secretary", "general"))
    services.propose(published, by=secretary, scope="outside")
    services.clear(published, by=person("office", "city"))
    services.publish(published, by=person("office_director", "city"), has_seen_masks=True)
    assert not matching(Publication.objects.published(), "13900001234").exists()
    assert not matching(Publication.objects.published(), "00001234").exists()
    assert matching(Publication.objects.published(), "139****1234").exists()


def test_a_renamed_organization_is_found_on_the_desk_by_its_new_name(draft, person, relay):
    office = person("office", "city")
    rename(draft.organization, name="震泽镇财税党支部", on=dt.date(2010, 9, 1), by=office)
    relay()
    assert list(matching(Pledge.objects.all(), "财税党支部")) == [draft]
    assert text_of(Pledge.objects.get()) == text_of(draft)
