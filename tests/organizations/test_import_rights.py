"""An import is no way round the rights of the pages: a secretary brings in members, not organizations."""

import pytest

from organizations.imports import jobs, wording
from organizations.imports.rights import refuse_without_right
from organizations.imports.staging import IncomingRow, Staged
from organizations.imports.tree import TreePlan
from organizations.models import Appointment, Member, Organization
from organizations.services import appoint, relieve
from organizations.services.imports import confirm_import
from tests.conftest import DAY
from tests.organizations.roster_files import applied, checked, outcomes, problems, workbook

pytestmark = pytest.mark.django_db

COMMITTEE, GENERAL, BRANCH = "中共震泽镇委员会", "震泽镇机关党总支", "震泽镇财政所党支部"
NEW = ["N1", "新支部", None, "党支部", GENERAL, None, 1, None]
MEMBER = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]


def row(code, name, superior=None, **changed):
    """A row of an organization that is there, as it is but for what is ``changed``."""
    headings = {
        "党组织代码": code,
        "党组织名称": name,
        "简称": None,
        "组织类别": "党委" if code == "committee" else "党支部",
        "上级党组织": superior,
        "排序": None,
    }
    return headings | changed


def said(found):
    return [
        problem.text for each in found.rows.all() for problem in wording.worded(each, found.summary).problems
    ]


def test_a_secretary_founds_no_organization_and_is_told_who_does(chain, person):
    person("office", "city")
    data = workbook([NEW, ["N2", "新支部二", None, "党支部", "新支部", None, 1, None]], [MEMBER])
    found = checked(data, chain["committee"], person("secretary", "committee"))
    assert not found.is_clean
    assert ("organization", 2, "found_denied", "name") in problems(found)
    assert ("organization", 3, "found_denied", "name") in problems(found)
    assert outcomes(found)["member", 2] == "new"
    assert said(found)[0] == (
        "新建党组织须由上级党委办公室办理，您的职务不能导入这一行。"
        "请联系中共吴江市委员会 领导小组办公室办理，或删去这一行后重新上传。"
    )
    assert found.summary["errors"][0][1:] == ["新建党组织须由上级办理", 2]


def test_the_nearest_office_is_named(chain, person):
    person("office", "city")
    person("office", "committee")
    found = checked(workbook([NEW]), chain["general"], person("secretary", "general"))
    assert "请联系中共震泽镇委员会 领导小组办公室办理" in said(found)[0]


def test_where_nobody_holds_the_office_the_superior_is_named(chain, person):
    found = checked(workbook([NEW]), chain["general"], person("secretary", "general"))
    assert "请联系上级党委办公室办理" in said(found)[0]


def test_a_secretary_still_imports_members(chain, person):
    unchanged = row("branch", BRANCH, GENERAL)
    applied(workbook([unchanged], [MEMBER]), chain["committee"], person("secretary", "committee"))
    assert Member.objects.get().organization == chain["branch"]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"党组织名称": "震泽镇财政分局党支部"}, "name"),
        ({"简称": "财政支部"}, "short_name"),
        ({"组织类别": "联合党支部"}, "kind"),
        ({"排序": 7}, "order"),
    ],
)
def test_a_secretary_changes_no_organization(chain, person, changed, column):
    data = workbook([row("branch", BRANCH, GENERAL, **changed)])
    before = Organization.objects.filter(code="branch").values().get()
    by = person("secretary", "committee")
    found = checked(data, chain["committee"], by)
    assert problems(found) == [("organization", 2, "amend_denied", column)]
    assert "选择“跳过”" in said(found)[0]
    left = checked(data, chain["committee"], by, "skip")
    assert outcomes(left) == {("organization", 2): "changed"}
    assert problems(left) == []
    assert Organization.objects.filter(code="branch").values().get() == before


@pytest.mark.parametrize(("changed", "denied"), [({"简称": "镇党委"}, False), ({"排序": 7}, True)])
def test_an_office_changes_its_own_organization_but_not_its_place_among_the_others(
    chain, person, changed, denied
):
    """As on the pages: protocol order is the superior's."""
    person("office", "city")
    data = workbook([row("committee", COMMITTEE, **changed)])
    found = checked(data, chain["committee"], person("office", "committee"))
    assert [kind for _, _, kind, _ in problems(found)] == (["amend_denied"] if denied else [])
    if denied:
        assert "请联系中共吴江市委员会 领导小组办公室办理" in said(found)[0]


def test_two_posts_together_found_only_where_both_rights_are(chain, person):
    """Secretary of the city, office of the committee: founds below the committee, not below its neighbour."""
    both = person("secretary", "city")
    appoint(user=both, post="office", organization=chain["committee"], on=DAY)
    outside = ["N2", "新支部", None, "党支部", "中共吴江市东方丝绸市场工作委员会", None, 1, None]
    found = checked(workbook([NEW, outside]), chain["city"], both)
    assert problems(found) == [("organization", 3, "found_denied", "name")]
    applied(workbook([NEW]), chain["city"], both)


def test_the_right_is_asked_again_when_it_is_written(chain, person):
    both = person("secretary", "city")
    appoint(user=both, post="office", organization=chain["committee"], on=DAY)
    found = checked(workbook([NEW], [MEMBER]), chain["city"], both)
    confirm_import(found, digest=found.digest, by=both)
    relieve(Appointment.objects.get(user=both, post="office"), by=None)
    jobs.run_waiting()
    found.refresh_from_db()
    assert (found.state, problems(found)) == ("checked", [("organization", 2, "found_denied", "name")])
    assert "核对之后，名册有了变动" in found.message
    assert not Organization.objects.filter(name="新支部").exists()
    assert not Member.objects.exists()


@pytest.mark.parametrize("ended", ["office", "secretary"])
def test_a_post_that_ends_while_the_file_is_read_counts_no_more(chain, person, monkeypatch, ended):
    both = person("secretary", "city")
    appoint(user=both, post="office", organization=chain["committee"], on=DAY)
    found = checked(workbook([NEW]), chain["city"], both)
    confirm_import(found, digest=found.digest, by=both)
    stage = jobs.stage

    def slowly(*args):
        relieve(Appointment.objects.get(user=both, post=ended), by=None)
        return stage(*args)

    monkeypatch.setattr(jobs, "stage", slowly)
    jobs.run_waiting()
    found.refresh_from_db()
    assert found.state == {"office": "checked", "secretary": "refused"}[ended]
    assert not Organization.objects.filter(name="新支部").exists()


def test_a_thousand_rows_ask_no_more_than_one(chain, person, django_assert_max_num_queries):
    def rows(count):
        values = {"kind": "branch", "superior": GENERAL}
        return [IncomingRow(i, values | {"name": f"新支部{i}"}) for i in range(2, count + 2)]

    person("secretary", "committee")
    for count in (1, 1000):
        by = person("secretary", "committee")
        plan = TreePlan(Staged(organizations=rows(count)), chain["committee"], DAY)
        with django_assert_max_num_queries(2):
            refuse_without_right(plan, by, updates=True)
        assert all(each.is_faulty for each in plan.rows)
