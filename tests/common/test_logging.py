"""One line per request and per task, and in none of them a person's phone or text."""

import json
import logging
from types import SimpleNamespace

import pytest
import structlog
from django.db import OperationalError
from structlog.testing import capture_logs

from common import context, failures
from common.events import record
from common.logging import for_machines, redacted, short
from common.models import Event, FailedTask
from common.tasks import _begin, _end, _fail, beat, relay_events


def machine_line(logger_call):
    """What stands in the file, as the machine reads it back."""
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=for_machines(), foreign_pre_chain=[structlog.contextvars.merge_contextvars]
    )
    return json.loads(formatter.format(logger_call))


def entry(message, *args, exc_info=None):
    return logging.LogRecord("somewhere", logging.ERROR, __file__, 1, message, args, exc_info)


def request_line(lines):
    (line,) = [line for line in lines if line["event"] == "request"]
    return line


@pytest.mark.django_db
def test_a_request_is_one_line(client, person):
    user = person("secretary", "branch")
    client.force_login(user)
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        answer = client.post("/desk/keepalive/?q=13912345678", {"text": "机密内容"})
    line = request_line(lines)
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/desk/keepalive/",
        "status": 204,
        "user_id": user.pk,
        "request_id": answer.headers["X-Request-ID"],
    }


def test_a_public_request_names_nobody_and_asks_nobody(client, db, django_assert_num_queries):
    with capture_logs() as lines, django_assert_num_queries(0):
        client.get("/accessibility/")
    assert request_line(lines)["user_id"] is None


def test_what_machines_ask_all_day_is_quiet(client, db):
    with capture_logs() as lines:
        client.get("/healthz")
    assert request_line(lines)["log_level"] == "debug"


def test_the_next_request_has_a_number_of_its_own(client, db):
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert context.current() == context.Origin()
    assert structlog.contextvars.get_contextvars() == {}


def run(task, *, state="SUCCESS", retval=None, inside=lambda: None, number="0" * 8 + "-" + "1" * 23):
    instance = SimpleNamespace(name=task.name, request=SimpleNamespace())
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        _begin(task_id=number, task=instance)
        inside()
        _end(task_id=number, task=instance, state=state, retval=retval)
    return lines[-1]


def test_a_task_is_one_line():
    line = run(relay_events, retval=3)
    assert line.pop("ms") >= 0
    assert line == {
        "event": "task",
        "log_level": "info",
        "name": "common.relay_events",
        "id": "00000000-11111111111111111111111",
        "outcome": "SUCCESS",
        "request_id": "0000000011111111111111111111111",
    }


def test_a_task_that_found_nothing_to_do_is_no_news():
    assert run(relay_events, retval=0)["log_level"] == "debug"
    assert run(relay_events, retval=0, state="FAILURE")["log_level"] == "info"


def test_a_task_that_fails_says_why_and_is_kept_for_the_administrator_without_a_word_of_it(db):
    with capture_logs() as lines:
        for number in "xyz":
            _fail(sender=beat, task_id=number, exception=ZeroDivisionError("机密理由"))
    assert (lines[0]["event"], lines[0]["name"]) == ("task_failed", "common.beat")
    kept = FailedTask.objects.get()
    assert (kept.name, kept.task_id, kept.error, kept.times) == ("common.beat", "z", "ZeroDivisionError", 3)


def test_a_failure_that_cannot_be_kept_is_no_second_failure(db, monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr(failures, "keep", away)
    with capture_logs() as lines:
        _fail(sender=beat, task_id="x", exception=OperationalError())
    assert [line["event"] for line in lines] == ["task_failed", "failure_not_kept"]


def test_what_a_task_does_carries_its_number_into_the_audit(chain):
    run(relay_events, inside=lambda: record(chain["branch"], "expire", by=None))
    assert Event.objects.get(kind="organization.expire").request_id == "0000000011111111111111111111111"
    assert context.current() == context.Origin()


def test_a_line_for_machines_is_json_without_phones():
    line = machine_line(entry("called %s from 查询", "13912345678"))
    assert line["event"] == "called 139****5678 from 查询"


def test_an_exception_keeps_its_traceback_and_loses_the_row():
    said = "null value\nDETAIL:  Failing row contains (1, 张文, 13912345678).\nCONTEXT: x"
    try:
        raise ValueError(said)
    except ValueError as error:
        line = machine_line(entry("failed", exc_info=(type(error), error, error.__traceback__)))
    assert "test_logging.py" in line["exception"]
    assert "张文" not in line["exception"]
    assert "139" not in line["exception"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("139 1234 5678", "139****5678"),
        ("tel:13912345678,", "tel:139****5678,"),
        ("20101231", "20101231"),
        ("request 3f", "request 3f"),
    ],
)
def test_phones_are_found_however_they_are_written(text, left):
    assert redacted(text) == left


def test_an_error_for_the_administrator_is_its_kind_and_first_line():
    assert short(KeyError("a")) == "KeyError: 'a'"
    assert short(ValueError("x 13912345678\nsecond")) == "ValueError: x 139****5678"
    assert len(short(ValueError("长" * 900))) == 500
