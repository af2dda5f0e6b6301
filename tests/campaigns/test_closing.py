"""时段归档: the check-list, the freeze, an archive that can be verified, and opening again with a reason."""

import datetime as dt
import hashlib
import io
import json
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.exports.archive import write_archive
from campaigns.models import Assignment, Obligation, Phase, PhaseClosing, Reminder
from campaigns.queries.closing import check_list, missing
from campaigns.services import assignments, reminders, special_days, urging
from campaigns.services.closing import ClosingRefused, close_phase, reopen_phase
from campaigns.services.concessions import ConcessionRefused, concede, revoke
from common.models import Event
from common.states import StepRefused
from organizations.services import found
from pledges import services as pledges
from pledges.services.plans import create as create_plan
from tests.common.word_files import WordFile

D = dt.date
TODAY = D(2011, 1, 10)
REASON = "整改后在下一时段补办"


@pytest.fixture(autouse=True)
def _today(time_machine, settings, tmp_path):
    time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC), tick=True)
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}


@pytest.fixture
def director(person):
    return person("office_director", "city")


@pytest.fixture
def owes(chain, phase):
    obligation = Obligation.objects.create(
        phase=phase, expects="plan", name="报送活动方案", opens_on=D(2010, 8, 19), due_on=D(2010, 9, 30),
        made_on=D(2010, 8, 1),
    )  # fmt: skip
    assignments.refresh(obligation)
    return obligation


@pytest.fixture
def round_closed(owes, phase, director):
    return pledges.close_round(phase, as_of=TODAY, by=director)


@pytest.fixture
def closed(round_closed, phase, director):
    return close_phase(phase, reason=REASON, by=director)


@pytest.fixture
def at(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def rows(phase):
    return list(Assignment.objects.filter(obligation__phase=phase).order_by("pk").values())


def test_the_list_tells_who_has_not_done_what_and_that_the_round_must_be_closed_first(
    owes, phase, director, person, chain, time_machine
):
    time_machine.move_to(dt.datetime(2010, 10, 8, 4, tzinfo=dt.UTC), tick=True)
    create_plan(chain["branch"], phase, by=person("secretary", "branch"))
    time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC), tick=True)
    told = {each.label: (each.count, each.blocks) for each in missing(check_list(phase, TODAY))}
    assert told == {
        "报送活动方案未办": (6, False),
        "承诺归档": (1, True),
        "活动方案草稿或待修改": (1, False),
    }
    with pytest.raises(ClosingRefused, match="请先办结：承诺归档。"):
        close_phase(phase, reason=REASON, by=director)


def test_what_is_missing_needs_a_reason_and_nothing_missing_needs_none(round_closed, owes, phase, director):
    with pytest.raises(ClosingRefused, match="写明仍要归档的理由"):
        close_phase(phase, reason="  ", by=director)
    assert not PhaseClosing.objects.exists()
    owes.delete()
    assert close_phase(phase, by=director).missing == []


@pytest.mark.parametrize(
    ("post", "at"), [("office", "city"), ("office_director", "committee"), ("secretary", "city")]
)
def test_it_is_the_directors_at_the_root(round_closed, phase, person, post, at):
    with pytest.raises(PermissionDenied):
        close_phase(phase, reason=REASON, by=person(post, at))


def test_a_phase_to_come_and_one_closed_already_are_refused(closed, director):
    with pytest.raises(ClosingRefused, match="已于2011年1月10日归档"):
        close_phase(closed.phase, reason=REASON, by=director)
    with pytest.raises(ClosingRefused, match="还不能归档"):
        close_phase(Phase.objects.get(number=3), reason=REASON, by=director)


def test_from_the_closing_on_nothing_of_it_changes_whatever_happens(
    round_closed, owes, phase, chain, person, director
):
    superior = person("secretary", "general")
    granted = concede(owes, chain["sibling"], until=D(2011, 2, 1), reason="换届", by=superior)
    close_phase(phase, reason=REASON, by=director)
    before = rows(phase)
    Obligation.objects.filter(pk=owes.pk).update(due_on=D(2010, 12, 1), unit="workdays", anchor="phase_end")
    for count in (
        lambda: assignments.refresh(owes),
        lambda: assignments.refresh_phase(phase),
        assignments.refresh_open,
        lambda: assignments.refresh_places(phase.pk, ["plan"], [chain["branch"].pk]),
    ):
        assert count() == 0
    found(name="新支部", kind="branch", code="new", parent=chain["general"], on=D(2010, 8, 1), order=9)
    special_days.set_day(D(2010, 12, 30), is_worked=False, name="放假", by=director)
    with pytest.raises(ConcessionRefused, match="已经归档"):
        concede(owes, chain["branch"], until=None, reason="忙", by=superior)
    with pytest.raises(ConcessionRefused, match="已经归档"):
        revoke(granted, by=superior)
    row = Assignment.objects.get(organization=chain["branch"])
    assert urging.urge(owes, [row.pk], text="请办理", by=superior) == 0
    with pytest.raises(StepRefused, match="归档"):
        create_plan(chain["branch"], phase, by=person("secretary", "branch"))
    with pytest.raises(StepRefused, match="先重新开启时段"):
        pledges.reopen_round(round_closed, by=director, reason="补报")
    assert rows(phase) == before


def test_nobody_is_reminded_of_a_phase_that_was_closed_meanwhile(
    round_closed, owes, phase, chain, person, director
):
    phase.campaign.ladder = [{"days": 1, "to": "owner"}]
    phase.campaign.save()
    person("secretary", "branch")
    assert reminders.generate(TODAY) == 1
    close_phase(phase, reason=REASON, by=director)
    assert reminders.generate(TODAY) == 0
    assert reminders.tell(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC)) == 0
    assert Reminder.objects.get().is_dropped


def test_the_archive_is_complete_and_every_hash_is_that_of_its_file(closed, relay, chain):
    relay()
    closed.refresh_from_db()
    with closed.file.open() as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == closed.digest
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    said = dict(reversed(line.split("  ")) for line in files.pop("sha256.txt").decode().splitlines())
    assert said == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    assert set(said) == {"办理情况.xlsx", "办理情况.json", "归档说明.docx"}
    told = json.loads(files["办理情况.json"])
    assert {row["code"]: row["state"] for row in told["assignments"]} == dict(
        Assignment.objects.values_list("organization__code", "state")
    )
    assert (told["closing"]["as_of"], told["closing"]["reason"]) == ("2011-01-10", REASON)
    book = load_workbook(io.BytesIO(files["办理情况.xlsx"]), read_only=True)
    assert book.sheetnames == ["全市合计", "各党组织", "办理情况"]
    total = [cell.value for cell in list(book["全市合计"].rows)[3]]
    assert (total[0], total[2:]) == ("报送活动方案", [6, 0, 0, 6, 6, 0, 0])
    assert "未办（逾期）" in [cell.value for row in book["各党组织"].rows for cell in row]
    note = WordFile(files["归档说明.docx"]).text
    for words in [
        "第一时段",
        "归档说明",
        "应办6个党组织，已办0个",
        "报送活动方案未办：6个党组织",
        REASON,
        said["办理情况.json"],
    ]:
        assert words in note.replace("\n", "")


def test_the_same_closing_gives_the_same_bytes_at_any_hour(closed, time_machine):
    first, second = io.BytesIO(), io.BytesIO()
    told = write_archive(closed, first)
    time_machine.move_to(dt.datetime(2012, 3, 1, 4, tzinfo=dt.UTC), tick=True)
    assert write_archive(closed, second) == told
    assert first.getvalue() == second.getvalue()
    Assignment.objects.filter(organization__code="branch").update(returned=1)
    assert write_archive(closed, io.BytesIO())[1] != told[1]


def test_opened_again_with_a_reason_everything_is_counted_anew_and_the_first_archive_stays(
    closed, phase, owes, chain, director, person, relay
):
    relay()
    Assignment.objects.filter(organization=chain["branch"]).update(returned=3)  # what no fact says
    with pytest.raises(ClosingRefused, match="理由"):
        reopen_phase(closed, reason=" ", by=director)
    reopen_phase(closed, reason="漏报两个支部", by=director)
    assert Assignment.objects.get(organization=chain["branch"]).returned == 0
    with pytest.raises(ClosingRefused, match="已经重新开启过"):
        reopen_phase(closed, reason="再来", by=director)
    concede(owes, chain["branch"], until=D(2011, 2, 1), reason="换届", by=person("secretary", "general"))
    second = close_phase(phase, reason=REASON, by=director)
    relay()
    first, second = PhaseClosing.objects.order_by("pk")
    assert (first.number, first.reopen_reason, second.number) == (1, "漏报两个支部", 2)
    assert first.file.size and first.digest != second.digest
    kinds = ["phaseclosing.close", "phaseclosing.reopen", "phaseclosing.close"]
    assert (
        list(
            Event.objects.filter(kind__startswith="phaseclosing.")
            .order_by("pk")
            .values_list("kind", flat=True)
        )
        == kinds
    )


def test_opened_again_before_the_archive_was_written_there_is_none(closed, director, relay):
    reopen_phase(closed, reason="漏报", by=director)
    relay()
    closed.refresh_from_db()
    assert not closed.file


def test_from_the_check_list_to_the_archive_in_the_browser(at, round_closed, phase, relay):
    browser = at("office_director", "city")
    page, close = (
        reverse("campaigns:phase", args=[phase.pk]),
        reverse("campaigns:phase_close", args=[phase.pk]),
    )
    assert close in browser.get(page).content.decode()
    listed = browser.get(close).content.decode()
    assert "报送活动方案未办" in listed and "6 个党组织" in listed
    refused = browser.post(close, {"reason": REASON})
    assert refused.status_code == 422
    assert REASON in refused.content.decode() and "再勾选这一项" in refused.content.decode()
    assert "请写明仍要归档的理由" in browser.post(close, {"is_checked": "on"}).content.decode()
    assert (
        "已归档" in browser.post(close, {"reason": REASON, "is_checked": "on"}, follow=True).content.decode()
    )
    assert "正在生成" in browser.get(page).content.decode()
    relay()
    closing = PhaseClosing.objects.get()
    shown = browser.get(page).content.decode()
    assert closing.digest in shown and REASON in shown
    saved = browser.post(reverse("campaigns:phase_download", args=[closing.pk]))
    assert hashlib.sha256(b"".join(saved.streaming_content)).hexdigest() == closing.digest
    assert Event.objects.filter(kind="phaseclosing.download").count() == 1
    reopen = reverse("campaigns:phase_reopen", args=[closing.pk])
    assert browser.post(reopen, {"reason": ""}).status_code == 422
    assert "已重新开启" in browser.post(reopen, {"reason": "漏报"}, follow=True).content.decode()


def test_others_read_that_it_is_closed_and_have_no_archive(at, closed, relay):
    relay()
    browser = at("secretary", "branch")
    shown = browser.get(reverse("campaigns:phase", args=[closed.phase_id])).content.decode()
    assert "已归档" in shown and "重新开启</" not in shown
    assert browser.post(reverse("campaigns:phase_download", args=[closed.pk])).status_code == 403
    assert browser.get(reverse("campaigns:phase_close", args=[closed.phase_id])).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_closings_and_obligations_costs_the_same(
    at, round_closed, owes, phase, director, number, django_assert_num_queries
):
    for each in range(1, number):
        Obligation.objects.create(
            phase=phase, expects="pledge", name=f"事项{each}", opens_on=D(2010, 8, 19), due_on=D(2010, 9, 30)
        )
    for each in range(number):
        closing = close_phase(phase, reason=REASON, by=director)
        if each < number - 1:
            reopen_phase(closing, reason="补", by=director)
    browser = at("office_director", "city")
    with django_assert_num_queries(8):
        browser.get(reverse("campaigns:phase", args=[phase.pk]))
    with django_assert_num_queries(12):
        browser.get(reverse("campaigns:phase_close", args=[phase.pk]))
