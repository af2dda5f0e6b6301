"""我的承诺: what a member without a post meets."""

import re

from django.urls import reverse

from pledges import services
from pledges.models import Pledge
from tests.pledges.member_pages.conftest import url
from tests.pledges.members import filed, pledge_of, promise


def test_a_member_files_corrects_and_reads_their_own_without_a_post(here, one, phase, herself, secretary):
    mine, browser = reverse("pledges:my_pledge"), here(herself)
    assert "本时段还没有作出承诺" in browser.get(mine).content.decode()
    edit = browser.post(mine).url
    form = browser.get(edit).content.decode()
    assert "具体打算" in form
    assert "承诺主题" not in form
    assert "践诺措施" not in form
    text = promise(phase)
    key = text["items"][0]["key"]
    data = {
        "category": text["category"], "aim": text["aim"], "item": [key], "version": 1, "do": "submit",
        f"{key}-content": "全年上门办税十二次", f"{key}-due_on": "2010-12-20",
    }  # fmt: skip
    assert browser.post(edit, data).url == pledge_of(one).get_absolute_url()
    shown = browser.get(pledge_of(one).get_absolute_url()).content.decode()
    assert "窗口服务零差错" in shown
    assert "践诺措施" not in shown
    services.return_(pledge_of(one), by=secretary, reason="写明哪些企业", remarks={key: "写明企业数"})
    shown = browser.get(mine).content.decode()
    assert "写明哪些企业" in shown
    assert "写明企业数" in shown
    assert browser.get(edit).status_code == 200


def test_last_rounds_promise_is_copied_into_this_one(here, one, phase, campaign, herself, time_machine):
    services.save(services.create_member_draft(one, phase, by=herself), promise(phase), version=1, by=herself)
    time_machine.move_to("2011-02-01")
    past = pledge_of(one)
    answer = here(herself).post(reverse("pledges:my_pledge"), {"copy": past.pk})
    copied = Pledge.objects.exclude(pk=past.pk).get()
    assert answer.url == reverse("pledges:edit", args=[copied.pk])
    assert (copied.aim, copied.items.get().due_on) == (past.aim, None)


def test_who_is_on_no_roster_is_told_what_to_do(here, secretary, phase):
    assert "您的账号没有对应的党员" in here(secretary).get(reverse("pledges:my_pledge")).content.decode()


def test_an_exempt_member_reads_why(here, one, phase, secretary, herself):
    services.exempt(one, phase, kind="oral", reason="按月读报", by=secretary)
    browser = here(herself)
    assert "按月读报" in browser.get(reverse("pledges:my_pledge")).content.decode()
    assert browser.post(reverse("pledges:my_pledge"), follow=True).status_code == 200
    assert not Pledge.objects.exists()


def test_a_settled_item_is_read_only_in_the_editor_too(here, one, phase, herself, secretary):
    two = [*promise(phase)["items"], {**promise(phase)["items"][0], "key": "b" * 12, "content": "多读书"}]
    pledge = filed(one, phase, herself, items=two)
    verdicts = {"a" * 12: services.Verdict(True), "b" * 12: services.Verdict(False, "写明读几本")}
    services.vet(pledge, verdicts, by=secretary)
    browser, edit = here(herself), reverse("pledges:edit", args=[pledge.pk])
    form = browser.get(edit).content.decode()
    assert re.search(rf'<input type="hidden" name="{"a" * 12}-content"', form)
    assert f'value="remove:{"a" * 12}"' not in form
    assert f'value="remove:{"b" * 12}"' in form


def test_the_desk_of_a_member_without_a_post_shows_what_is_owed(here, one, phase, herself):
    phase.windows.create(strand="pledge", name="公开承诺", opens_on="2010-08-20", closes_on="2010-09-10")
    shown = here(herself).get(reverse("portal:desk")).content.decode()
    assert "尚未作出承诺" in shown
    assert reverse("pledges:my_pledge") in shown


def test_a_draft_thrown_away_leads_back_where_it_came_from(here, one, phase, herself, secretary):
    for by, back in ((herself, reverse("pledges:my_pledge")), (secretary, url("entry", one.organization))):
        draft = services.create_member_draft(one, phase, by=by)
        assert here(by).post(reverse("pledges:discard", args=[draft.pk])).url == back
