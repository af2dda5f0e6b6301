"""The pages of a plan, as each person meets them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.duties import Why, duties
from campaigns.models import Phase
from common.models import Event
from common.states import StepRefused
from organizations.models import Member
from pledges import services
from pledges.models import Plan, PlanVersion, Publication
from pledges.plans.printed import plan_facts
from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, text_of
from tests.common.word_files import WordFile
from tests.pledges import plans

pytestmark = pytest.mark.django_db
verbs = services.plans
A, B, C = ("a" * 12, "b" * 12, "c" * 12)


def url(name, plan, *more):
    return reverse(f"pledges:{name}", args=[plan.pk, *more])


def posted(text, version, do="save", **more):
    """The editor's form as a browser sends it."""
    data = {name: text[name] for name in HEAD_FIELDS} | {"task": [t["key"] for t in text["tasks"]]}
    data |= {f"{t['key']}-{name}": t[name] for t in text["tasks"] for name in TASK_FIELDS}
    return {**data, "version": version, "do": do, **more}


def saved(plan):
    return text_of(Plan.objects.get(pk=plan.pk))


def branch_of(chain, count):
    for number in range(count):
        Member.objects.create(
            organization=chain["branch"],
            name=f"党员{number}",
            sex="f",
            birth_month=dt.date(1980, 8, 1),
            joined_on=dt.date(2001, 7, 1),
        )


# -- the story -----------------------------------------------------------------------------


def test_from_the_template_to_the_public_page_and_the_archive(here, person, chain, phase, campaign):
    author, superior = person("secretary", "branch"), person("secretary", "general")
    page = here(author).get(reverse("pledges:plan_new"))
    assert "从模板起草" in page.content.decode()
    answer = here(author).post(reverse("pledges:plan_new"), {"way": "template"})
    plan = Plan.objects.get()
    assert answer["Location"] == url("plan_edit", plan)
    assert (plan.theme, plan.goals) == (campaign.theme, campaign.goals)
    assert [t.key_task for t in plan.tasks.all()] == [f"类别{n}" for n in range(1, 6)]

    text = plans.text(
        tasks=[plans.task(rubric=str(campaign.rubric.filter(subject="organization").first().pk))]
    )
    answer = here(author).post(url("plan_edit", plan), posted(text, plan.version, "submit"), follow=True)
    assert "已报送" in answer.content.decode()
    assert saved(plan) == text
    assert PlanVersion.objects.get().text["leadership"]["first"] == [author.name]

    step = lambda who, verb, **data: here(who).post(url("plan_step", plan, verb), data)  # noqa: E731
    assert step(superior, "return").status_code == 422
    assert step(superior, "return", reason="目标写成数字").status_code == 302
    assert "目标写成数字" in here(author).get(url("plan_edit", plan)).content.decode()
    changed = {**text, "goals": "办税12分钟办结"}
    here(author).post(url("plan_edit", plan), posted(changed, Plan.objects.get().version, "submit"))
    page = here(superior).get(url("plan_versions", plan)).content.decode()
    assert "第1稿" in page
    assert "<ins>" in page
    for who, verb, data in [
        (superior, "approve", {}),
        (author, "propose", {"scope": "outside"}),
        (person("office", "city"), "clear", {}),
        (person("office_director", "city"), "publish", {}),
    ]:
        assert step(who, verb, **data).status_code == 302, verb
    publication = Publication.objects.published().of_plans().get()
    page = here(person("liaison", "foreign")).get(publication.get_absolute_url()).content.decode()
    assert "办税12分钟办结" in page
    assert "走访企业" not in page  # the research and the persons stay inside
    assert "沈明" not in page
    assert verbs.archive_all(phase, by=person("office_director", "city")).done
    assert "已归档" in here(author).get(url("plan", plan)).content.decode()


def test_withdrawn_it_is_gone_and_never_stands_among_pledges(here, client, person, published_plan):
    publication = Publication.objects.get()
    here_url = publication.get_absolute_url()
    assert client.get(here_url).status_code == 200
    assert client.get(reverse("pledges:public_detail", args=[publication.pk])).status_code == 404
    assert "财政所党支部创先争优活动方案" not in client.get(reverse("pledges:public_list")).content.decode()
    assert "财政所党支部创先争优活动方案" in client.get(reverse("pledges:public_plans")).content.decode()
    assert "没有符合条件" in client.get(reverse("pledges:public_plans"), {"q": "走访企业"}).content.decode()
    assert (
        "没有符合条件" not in client.get(reverse("pledges:public_plans"), {"q": "上门办税"}).content.decode()
    )
    here(person("office_director", "city")).post(
        url("plan_step", published_plan, "withdraw"), {"reason": "机密理由"}
    )
    client.logout()
    gone = client.get(here_url)
    assert gone.status_code == 410
    assert "机密理由" not in gone.content.decode()
    assert "上门办税" not in gone.content.decode()


# -- beginning -----------------------------------------------------------------------------


def test_one_plan_a_phase_however_often_it_is_begun(here, author, plan):
    answer = here(author).post(
        reverse("pledges:plan_new"), {"way": "template", "organization": plan.organization_id}
    )
    assert answer.status_code == 422
    assert Plan.objects.count() == 1


def test_last_years_is_copied_without_dates_and_with_this_campaigns_tags(
    here, author, chain, campaign, plan_in, time_machine
):
    tag = campaign.rubric.get(subject="organization", number=2)
    old = plan_in("agreed")
    old.tasks.update(rubric=tag, progress="已办八次")
    time_machine.move_to(dt.datetime(2011, 2, 1, tzinfo=dt.UTC))
    here(author).post(reverse("pledges:plan_new"), {"way": f"copy:{old.pk}"})
    new = Plan.objects.get(phase__number=2)
    (task,) = new.tasks.all()
    assert (task.key_task, task.rubric, task.ends_on, task.progress) == ("上门办税", tag, None, "")


@pytest.mark.parametrize(("members", "may"), [(9, True), (10, False)])
def test_a_branch_of_fewer_than_ten_adopts_its_superiors_plan(here, person, chain, phase, members, may):
    branch_of(chain, members)
    superiors = verbs.create(chain["general"], phase, by=person("secretary", "general"))
    superiors = verbs.save(
        superiors, plans.text(goals="总支的目标"), version=1, by=person("secretary", "general")
    )
    author = person("secretary", "branch")
    answer = here(author).post(reverse("pledges:plan_new"), {"way": "adopt"})
    assert answer.status_code == 422  # nothing settled above yet
    verbs.submit(superiors, by=person("secretary", "general"))
    verbs.approve(superiors, by=person("secretary", "committee"))
    answer = here(author).post(reverse("pledges:plan_new"), {"way": "adopt"})
    assert answer.status_code == (302 if may else 422)
    assert Plan.objects.filter(organization=chain["branch"]).exists() is may
    if not may:
        return
    plan = Plan.objects.get(organization=chain["branch"])
    assert "总支的目标" in here(author).get(url("plan", plan)).content.decode()
    # no task of its own is needed, one may be added
    local = {**text_of(plan), "tasks": [plans.task(B, key_task="本支部结对")]}
    here(author).post(url("plan_edit", plan), posted(local, plan.version, "submit"))
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.state == "submitted"
    word = WordFile(here(author).post(url("plan_document", plan)).content).text
    assert "总支的目标" in word
    assert "本支部结对" in word


def test_the_days_of_a_step_are_printed_as_those_of_a_task(plan):
    """Lines as the template begins them; what names no two days stays as it was typed."""
    plan.schedule = "\n".join(
        [
            "提诺：2010年9月1日至2010年9月30日。",
            "践诺：2010年10月1日—3月31日，逐项落实。",
            "评诺：2010年2月30日至2010年3月1日。",
            "总结：年底前。",
        ]
    )
    first, second, third, fourth = plan_facts(plan, {}).phases
    assert (first.starts_on, first.ends_on, first.work) == (dt.date(2010, 9, 1), dt.date(2010, 9, 30), "")
    assert second.starts_on is None  # an end before its beginning
    assert (third.starts_on, third.work) == (None, "2010年2月30日至2010年3月1日。")
    assert (fourth.name, fourth.work) == ("总结", "年底前。")
    plan.schedule = "践诺：2010年10月1日至12月31日，逐项落实。"
    [step] = plan_facts(plan, {}).phases
    assert (step.ends_on, step.work) == (dt.date(2010, 12, 31), "逐项落实。")


# -- writing -------------------------------------------------------------------------------


def test_tasks_are_added_moved_removed_and_restored_without_losing_a_word(here, author, plan):
    text = plans.text(title="没有保存的标题", tasks=[plans.task(A), plans.task(B, key_task="走访")])
    browser = here(author)

    def press(text, do, **more):
        page = browser.post(url("plan_edit", plan), posted(text, plan.version, do, **more))
        assert page.status_code == 200
        assert "没有保存的标题" in page.content.decode()
        return page.context["editor"].typed, page.context["removed"]

    moved, _ = press(text, f"up:{B}")
    assert [t["key"] for t in moved["tasks"]] == [B, A]
    fewer, removed = press(moved, f"remove:{B}")
    assert [t["key"] for t in fewer["tasks"]] == [A]
    carried = {"removed": B} | {f"{B}-{name}": removed[0][name] for name in TASK_FIELDS}
    more, _ = press(fewer, "add", **carried)
    assert len(more["tasks"]) == 2
    back, removed = press(fewer, f"restore:{B}", **carried)
    assert back["tasks"][1]["key_task"] == "走访"
    assert removed == []
    assert saved(plan) == plans.text()  # arranging saves nothing


def test_what_cannot_be_kept_is_told_at_its_field_and_nothing_is_lost(here, author, plan):
    text = plans.text(tasks=[plans.task(ends_on="年底前", measures="长" * 801)])
    page = here(author).post(url("plan_edit", plan), posted(text, plan.version))
    body = page.content.decode()
    assert page.status_code == 422
    assert "请按“2010年12月20日”的样子填写日期" in body
    assert "年底前" in body
    assert saved(plan) == plans.text()


def test_filing_an_incomplete_plan_saves_it_and_says_what_is_missing(here, author, plan):
    text = plans.text(goals="", tasks=[plans.task(person="", starts_on="2010-12-31")])
    page = here(author).post(url("plan_edit", plan), posted(text, plan.version, "submit"))
    body = page.content.decode()
    assert page.status_code == 422
    for sentence in ["请写明创先目标", "请写明责任人", "完成时限早于起始日期"]:
        assert sentence in body
    assert saved(plan) == text
    assert Plan.objects.get().state == "draft"


def test_the_later_of_two_writers_keeps_the_text_and_sees_the_others(here, person, author, plan):
    verbs.save(plan, plans.text(theme="联络员写的主题"), version=plan.version, by=person("liaison", "branch"))
    mine = plans.text(theme="书记写的主题")
    page = here(author).post(url("plan_edit", plan), posted(mine, plan.version))
    body = page.content.decode()
    assert page.status_code == 409
    assert "没有保存" in body
    assert saved(plan)["theme"] == "联络员写的主题"
    assert page.context["editor"].typed["theme"] == "书记写的主题"
    here(author).post(url("plan_edit", plan), posted(mine, page.context["version"]))
    assert saved(plan)["theme"] == "书记写的主题"
    assert Event.objects.filter(kind="plan.edit").order_by("-pk").first().before["theme"] == "联络员写的主题"


def test_progress_is_noted_while_the_text_is_vetted_and_not_after_the_archive(here, author, plan_in):
    plan = plan_in("published")
    page = here(author).post(
        url("plan_progress", plan),
        {f"{A}-progress": "已上门八次", f"{A}-remark": "", f"{B}-progress": "别家的"},
    )
    assert page.status_code == 302
    assert plan.tasks.get().progress == "已上门八次"
    assert Event.objects.filter(kind="plan.track").count() == 1
    plan_in("archived")
    here(author).post(url("plan_progress", plan), {f"{A}-progress": "又改", f"{A}-remark": ""})
    assert plan.tasks.get().progress == "已上门八次"


def test_a_task_of_another_branch_stays_where_it_is(here, person, chain, phase, author, plan):
    theirs = verbs.create(chain["sibling"], phase, by=person("secretary", "sibling"))
    verbs.save(
        theirs,
        plans.text(tasks=[plans.task(C, key_task="文化站的任务")]),
        version=1,
        by=person("secretary", "sibling"),
    )
    foreign = plans.text(tasks=[plans.task(C, key_task="改别人的")])
    here(author).post(url("plan_edit", plan), posted(foreign, plan.version))
    assert theirs.tasks.get().key_task == "文化站的任务"
    with pytest.raises(StepRefused):
        verbs.track(plan, {"d" * 12: {"progress": "x"}}, by=author)


def test_control_characters_and_a_strange_tag_do_no_harm(here, author, plan):
    text = plans.text(goals="目标\x00\x0b一", tasks=[plans.task(mark="完成\x07\ud800"[:3])])
    page = here(author).post(url("plan_edit", plan), posted(text, plan.version))
    assert page.status_code == 302
    assert saved(plan)["goals"] == "目标一"
    bad = plans.text(tasks=[plans.task(rubric="999999")])
    page = here(author).post(url("plan_edit", plan), posted(bad, Plan.objects.get().version))
    assert page.status_code == 422


# -- lists, duties, files ------------------------------------------------------------------


def test_drafts_are_the_organizations_own_and_filed_ones_follow_the_chain(here, person, plan, author):
    listed = lambda who: [p.pk for p in here(who).get(reverse("pledges:plans")).context["page"].rows]  # noqa: E731
    superior, stranger = person("secretary", "general"), person("secretary", "neighbour")
    assert listed(author) == [plan.pk]
    assert listed(superior) == []
    assert here(superior).get(url("plan", plan)).status_code == 404
    verbs.submit(plan, by=author)
    assert listed(superior) == [plan.pk]
    assert listed(stranger) == []


def _plans(chain, phase, person, names):
    for name in names:
        made = verbs.create(chain[name], phase, by=person("secretary", name))
        made = verbs.save(made, plans.text(), version=1, by=person("secretary", name))
        Plan.objects.filter(pk=made.pk).update(
            state="cleared",
            scope="outside",
            submitted_at=made.created_at,
            submitted_by=person("secretary", name),
        )
        verbs.publish(made, by=person("office_director", "city"))


def test_the_lists_cost_the_same_for_one_and_for_three(here, person, chain, phase):
    reader = person("office", "city")

    def cost(address):
        with CaptureQueriesContext(connection) as captured:
            assert here(reader).get(address).status_code == 200
        return len(captured)

    addresses = [
        reverse("pledges:plans") + "?state=",
        reverse("pledges:public_plans"),
        reverse("portal:desk"),
    ]
    _plans(chain, phase, person, ["branch"])
    for address in addresses:  # what is kept in memory is there from now on
        cost(address)
    one = [cost(a) for a in addresses]
    _plans(chain, phase, person, ["sibling", "foreign"])
    assert [cost(a) for a in addresses] == one


def test_a_plan_begun_waits_for_whoever_files_it(person, phase, plan):
    mine = duties(person("secretary", "branch"), dt.date(2010, 9, 20))
    assert [(d.label, d.expects) for d in mine] == [("方案待报送", "plan")]


def test_the_word_file_says_it_all_and_is_on_record(here, author, plan):
    answer = here(author).post(url("plan_document", plan))
    text = WordFile(answer.content).text
    for word in ["财政所党支部创先争优活动方案", "办税十五分钟办结", "动员部署", "上门办税", author.name]:
        assert word in text
    assert Event.objects.get(kind="plan.export").detail == {"what": "document"}
    assert here(author).get(url("plan_document", plan)).status_code == 405


def test_a_draft_is_thrown_away_a_filed_plan_is_not(here, author, plan):
    verbs.submit(plan, by=author)
    verbs.recall(plan, by=author, reason="改")
    here(author).post(url("plan_discard", plan))
    assert Plan.objects.count() == 1
    Plan.objects.update(state="draft")
    here(author).post(url("plan_discard", plan))
    assert Plan.objects.count() == 0


def test_the_desk_tells_what_was_sent_back_from_what_was_taken_back(author, person, plan):
    def told():
        day = dt.date(2010, 9, 1)
        return [(d.label, d.why, d.note) for d in duties(author, day) if d.title == str(plan)]

    verbs.submit(plan, by=author)
    verbs.return_(plan, by=person("secretary", "general"), reason="写明次数")
    assert told() == [("方案退回待修改", Why.RETURNED, "退回理由：写明次数")]
    verbs.submit(plan, by=author)
    verbs.recall(plan, by=author, reason="改")
    assert told() == [("方案待修改", Why.OWED, "")]


def test_phases_of_the_campaign_are_the_filter(here, author, plan):
    other = Phase.objects.get(number=2)
    page = here(author).get(reverse("pledges:plans"), {"state": "", "phase": other.pk})
    assert page.context["page"].rows == []
