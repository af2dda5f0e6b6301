"""The pages of rounds and archives, and what is said when something is refused."""

import datetime as dt
import hashlib
import io
import zipfile

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from common.models import Event
from pledges import services
from pledges.models import RoundArchive, RoundFigure
from tests.pledges.test_rounds import TODAY, joins, members, promises  # noqa: F401 -- a fixture

DIRECTOR = ("office_director", "city")


@pytest.fixture
def page(here, person):
    def get(who, name, *args, query="", status=200):
        answer = here(person(*who)).get(reverse(f"pledges:{name}", args=args) + query)
        assert answer.status_code == status
        return answer.content.decode()

    return get


def closes(person, phase):
    return services.close_round(phase, as_of=TODAY, by=person(*DIRECTOR))


def test_the_rounds_show_what_has_begun_with_ones_own_figures(page, members, phase):  # noqa: F811
    shown = page(("secretary", "committee"), "rounds")
    assert "第一时段" in shown
    assert "第二时段" not in shown  # it has not begun
    assert "3 / 5" in shown


def test_somebody_without_a_post_is_told_so(client, django_user_model, chain, phase):
    client.force_login(django_user_model.objects.create_user("plain", name="无职务", password="Test-pass-1"))
    for name, args in [("rounds", []), ("round", [phase.pk]), ("ledger", [])]:
        assert "没有能查看承诺的职务" in client.get(reverse(f"pledges:{name}", args=args)).content.decode()


def test_one_drills_down_a_level_at_a_time(page, members, phase, chain):  # noqa: F811
    top = page(("office", "city"), "round", phase.pk)
    assert f"?organization={chain['committee'].pk}" in top
    assert f"?organization={chain['branch'].pk}" not in top
    assert "合计" in top
    below = page(("office", "city"), "round", phase.pk, query=f"?organization={chain['general'].pk}")
    assert f"?organization={chain['branch'].pk}" in below
    assert "（书面承诺 + 口头承诺）÷ 应承诺" in below
    page(
        ("secretary", "neighbour"), "round", phase.pk, query=f"?organization={chain['branch'].pk}", status=404
    )
    page(("secretary", "neighbour"), "round", phase.pk, query="?organization=abc", status=404)
    page(("liaison", "general"), "round", phase.pk, query=f"?organization={chain['branch'].pk}", status=404)


def test_a_branch_finds_its_printables_on_its_page(page, phase, chain):
    shown = page(("secretary", "branch"), "round", phase.pk)
    assert reverse("pledges:letters", args=[phase.pk, chain["branch"].pk]) in shown
    assert reverse("pledges:poster", args=[phase.pk, chain["branch"].pk, "member"]) in shown
    assert "上一级" not in shown


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_cost_the_same_at_any_length(
    number, here, person, chain, campaign, phase, author, time_machine, django_assert_num_queries
):
    for n in range(number):
        promises(joins(chain, "branch", f"党员{n}"), phase, author)
    time_machine.move_to(dt.datetime(2011, 8, 1, 4, tzinfo=dt.UTC))
    for each in campaign.phases.order_by("number")[: number - 1]:
        services.close_round(each, as_of=each.starts_on, by=person(*DIRECTOR))
    browser = here(person("office", "city"))
    # session, user, posts · phases · closed, open · unread notices
    with django_assert_num_queries(7):
        assert browser.get(reverse("pledges:rounds")).status_code == 200
    with django_assert_num_queries(5):
        assert browser.get(reverse("pledges:archives")).status_code == 200
    third = campaign.phases.get(number=3)
    with django_assert_num_queries(8):
        assert browser.get(reverse("pledges:round", args=[third.pk])).status_code == 200


def test_the_check_list_comes_before_the_closing(here, person, members, phase):  # noqa: F811
    browser, url = here(person(*DIRECTOR)), reverse("pledges:round_close", args=[phase.pk])
    shown = browser.get(url).content.decode()
    assert f"?state=returned&amp;phase={phase.pk}" in shown
    refused = browser.post(url, {"as_of": "2010-09-01"})
    assert refused.status_code == 422
    assert "请先核对没有办结的承诺" in refused.content.decode()
    refused = browser.post(url, {"as_of": "2010-12-01", "is_checked": "on"})
    assert "截至日期应在2010年6月1日" in refused.content.decode()
    assert 'value="2010-12-01"' in refused.content.decode()
    assert not RoundArchive.objects.exists()
    closed = browser.post(url, {"as_of": "2010年8月31日", "is_checked": "on"}, follow=True).content.decode()
    assert "已归档，编号〔2010〕第1号。" in closed
    assert "未提交 1 份，待审定 1 份，待修改 1 份，审定未公开 0 份" in closed
    assert "已经归档" in browser.get(url).content.decode()
    assert browser.get(reverse("pledges:round", args=[phase.pk])).status_code == 302


def test_others_close_nothing(page, phase):
    page(("office", "city"), "round_close", phase.pk, status=403)
    page(("office_director", "committee"), "round_close", phase.pk, status=403)
    assert "round_close" not in page(("office", "city"), "round", phase.pk)


def test_a_superior_of_that_date_sees_what_was_below_it_then(page, person, members, phase, chain):  # noqa: F811
    archive = closes(person, phase)
    own = page(("secretary", "committee"), "archive", archive.pk)
    assert "3 / 5" in own
    branch = f"?organization={chain['branch'].pk}"
    page(("secretary", "committee"), "archive", archive.pk, query=branch)
    page(("secretary", "neighbour"), "archive", archive.pk, query=branch, status=404)
    page(("liaison", "general"), "archive", archive.pk, query=branch, status=404)


def test_the_list_of_rounds_is_narrowed_in_closed_ones_too(page, person, members, phase, chain):  # noqa: F811
    closes(person, phase)
    assert "3 / 6" in page(("office", "city"), "rounds")
    assert "3 / 5" in page(("office", "city"), "rounds", query=f"?organization={chain['branch'].pk}")
    assert "0 / 1" in page(("office", "city"), "rounds", query=f"?organization={chain['neighbour'].pk}")


def test_verifying_says_that_it_agrees_or_names_the_row(here, person, members, phase):  # noqa: F811
    archive, browser = closes(person, phase), here(person("office", "city"))
    url = reverse("pledges:archive_verify", args=[archive.pk])
    assert "核对一致" in browser.post(url).content.decode()
    RoundFigure.objects.filter(name="震泽镇财政所党支部").update(members=99)
    shown = browser.post(url).content.decode()
    assert "震泽镇财政所党支部：名册党员归档时为 99，按留存的记录重算为 6。" in shown
    assert here(person("secretary", "committee")).post(url).status_code == 403


def test_the_download_holds_the_table_the_json_and_its_hash(here, person, members, phase):  # noqa: F811
    archive, browser = closes(person, phase), here(person("office", "city"))
    url = reverse("pledges:archive_download", args=[archive.pk])
    with zipfile.ZipFile(io.BytesIO(browser.post(url).content)) as folder:
        sheet = load_workbook(io.BytesIO(folder.read("归档.xlsx"))).active
        digest = hashlib.sha256(folder.read("archive.json")).hexdigest()
        assert folder.read("sha256.txt").decode() == f"{digest}  archive.json\n"
    assert digest == archive.digest
    head = [cell.value for cell in sheet[3]]
    last = {title: cell.value for title, cell in zip(head, sheet[sheet.max_row - 1], strict=True)}
    assert (last["党组织"], last["名册党员"], last["应承诺党员"]) == ("合计", 7, 6)
    assert Event.objects.filter(kind="roundarchive.download").count() == 1
    assert here(person("secretary", "committee")).post(url).status_code == 403


def test_reopening_asks_why_and_stays_on_the_page(here, person, draft, phase):
    archive, browser = closes(person, phase), here(person(*DIRECTOR))
    url = reverse("pledges:archive_reopen", args=[archive.pk])
    assert browser.post(url).status_code == 422
    shown = browser.post(url, {"reason": "漏报一份"}, follow=True).content.decode()
    assert "已重新开启" in shown
    assert "漏报一份" in shown
    assert here(person("office", "city")).post(url, {"reason": "改"}).status_code == 403


def test_the_page_of_a_pledge_says_that_its_round_is_closed(here, person, draft, phase):
    closes(person, phase)
    browser = here(person("secretary", "branch"))
    shown = browser.get(draft.get_absolute_url()).content.decode()
    assert "已于2010年9月1日归档（〔2010〕第1号）" in shown
    assert "修改</a>" not in shown
    refused = browser.post(reverse("pledges:step", args=[draft.pk, "submit"]))
    assert refused.status_code == 409
    assert "归档" in refused.content.decode()


def test_saving_a_draft_of_a_closed_round_keeps_what_was_typed(here, person, draft, phase):
    closes(person, phase)
    browser = here(person("secretary", "branch"))
    typed = {
        "title": "新写的主题",
        "version": draft.version,
        "item": "a" * 12,
        "a" * 12 + "-content": "新写的内容",
    }
    answer = browser.post(reverse("pledges:edit", args=[draft.pk]), typed, follow=True)
    assert "归档" in answer.content.decode()
    assert "新写的主题" in answer.content.decode()


def test_the_ledger_is_asked_for_on_a_page(here, person, published, chain):
    browser = here(person("secretary", "committee"))
    url = reverse("pledges:ledger")
    assert "导出台账" in browser.get(url).content.decode()
    made = browser.post(url, {"organization": chain["branch"].pk})
    assert load_workbook(io.BytesIO(b"".join(made.streaming_content))).active["D3"].value == "姓名"
    assert browser.post(url, {"organization_q": "没有这个"}).status_code == 422
    assert browser.post(url, {"organization": chain["foreign"].pk}).status_code == 403
    assert browser.post(url, {"phase": "x"}).status_code == 422


def test_the_liaison_of_the_root_reads_its_own_line_and_not_the_whole(here, person, members, phase, chain):  # noqa: F811
    archive, browser = closes(person, phase), here(person("liaison", "city"))
    shown = browser.get(archive.get_absolute_url()).content.decode()
    assert "中共吴江市委员会（本级）" in shown
    assert chain["committee"].name not in shown
    assert browser.post(reverse("pledges:archive_download", args=[archive.pk])).status_code == 403
    assert browser.post(reverse("pledges:archive_verify", args=[archive.pk])).status_code == 403
