"""Roster import: what a workbook becomes, and that it comes out as the services would have made it."""

import datetime as dt

import pytest

from common.models import Event
from organizations.imports import jobs
from organizations.models import Affiliation, Appointment, FormerName, Member, Membership, Organization
from organizations.services import add_member, found, rename, reorder
from organizations.services.imports import confirm_import
from tests.organizations.roster_files import ON, applied, checked, outcomes, problems, upload, workbook

pytestmark = pytest.mark.django_db

GENERAL, BRANCH, SIBLING = "震泽镇机关党总支", "震泽镇财政所党支部", "震泽镇文化站党支部"
ZHANG = ["D1", "张伟", "男", "1970-05", BRANCH, "正式党员", "1990-07-01", "1991-07-01", "13900000001"]
LI = ["D2", "李娜", "女", "1980-03", BRANCH, "预备党员", "2026-01-01", None, None]


@pytest.fixture
def office(person):
    return person("office", "city")


def tree_rows():
    return [
        {
            "name": o.name,
            "short": o.short_name,
            "kind": o.kind,
            "code": o.code,
            "order": o.order,
            "initials": o.initials,
            "founded": o.founded_on,
            "superiors": [Organization.objects.get(pk=pk).name for pk in o.ancestor_ids],
            "path_ends": o.path.endswith(f".{o.pk}."),
            "order_path": [
                (part[:5], Organization.objects.get(pk=int(part[5:])).name)
                for part in o.order_path.split(".")[:-1]
            ],
            "affiliations": [
                (a.superior and a.superior.name, a.starts_on, a.ends_on)
                for a in o.affiliations.order_by("starts_on")
            ],
            "former": [(f.name, f.short_name, f.initials, f.used_until) for f in o.former_names.all()],
        }
        for o in Organization.objects.in_protocol_order()
    ]


def member_rows():
    return [
        {field.name: str(getattr(m, field.name)) for field in Member._meta.fields if field.name != "id"}
        | {"history": list(m.memberships.values_list("organization__name", "starts_on", "ends_on"))}
        for m in Member.objects.order_by("name", "birth_month")
    ]


def test_an_import_comes_out_exactly_as_the_services_would_make_it(chain, office):
    from django.db import transaction

    def by_services():
        upper = found(
            name="中共震泽镇学校委员会",
            short_name="学校党委",
            kind="primary_committee",
            code="S1",
            parent=chain["committee"],
            order=7,
            on=dt.date(2012, 5, 1),
        )
        lower = found(
            name="震泽中学党支部", kind="branch", code="S2", parent=upper, order=2, on=dt.date(2009, 1, 1)
        )
        rename(chain["branch"], name="震泽镇财政局党支部", short_name="财政局支部", on=ON, by=None)
        reorder(chain["committee"], order=9, by=None)
        values = {
            "name": "张伟",
            "number": "D1",
            "sex": "m",
            "ethnicity": "汉族",
            "birth_month": dt.date(1970, 5, 1),
            "joined_on": dt.date(1990, 7, 1),
            "confirmed_on": dt.date(1991, 7, 1),
            "phone": "13900000001",
        }
        add_member(lower, values=values, on=ON, by=None)
        return tree_rows(), member_rows()

    with transaction.atomic():
        expected = by_services()
        transaction.set_rollback(True)
    data = workbook(
        [
            ["S2", "震泽中学党支部", None, "党支部", "中共震泽镇学校委员会", None, 2, "2009-01-01"],
            ["S1", "中共震泽镇学校委员会", "学校党委", "基层党委", "中共震泽镇委员会", None, 7, "2012-05-01"],
            ["branch", "震泽镇财政局党支部", "财政局支部", "党支部", GENERAL, None, None, None],
            ["committee", "中共震泽镇委员会", None, "党委", None, None, 9, None],
        ],
        [[*ZHANG[:4], "震泽中学党支部", *ZHANG[5:]]],
    )
    applied(data, chain["city"], office)
    assert (tree_rows(), member_rows()) == expected


def test_each_row_is_new_changed_unchanged_or_wrong_field_by_field(chain, office):
    applied(workbook(None, [ZHANG, LI]), chain["city"], office)
    changed = [*ZHANG[:1], "张炜", *ZHANG[2:8], "13900000002"]
    found_import = checked(
        workbook(
            None,
            [changed, LI, ["D3", "王芳", "女", "1999-01", SIBLING, "正式党员", "2020-01-01", None, None]],
        ),
        chain["city"],
        office,
    )
    assert outcomes(found_import) == {
        ("member", 2): "changed",
        ("member", 3): "unchanged",
        ("member", 4): "new",
    }
    assert found_import.rows.get(number=2).changes == {
        "name": ["张伟", "张炜"],
        "phone": ["139****0001", "139****0002"],
    }


def test_a_dry_run_writes_nothing_but_its_preview(chain, office):
    before = (tree_rows(), member_rows(), Event.objects.exclude(kind="rosterimport.upload").count())
    checked(
        workbook([["S1", "新支部", None, "党支部", GENERAL, None, 1, None]], [ZHANG]), chain["city"], office
    )
    assert (tree_rows(), member_rows(), Event.objects.exclude(kind="rosterimport.upload").count()) == before


def test_blank_cells_change_nothing(chain, office):
    applied(workbook(None, [ZHANG]), chain["city"], office)
    blank = [*ZHANG[:7], None, None]
    assert outcomes(checked(workbook(None, [blank]), chain["city"], office)) == {("member", 2): "unchanged"}


def test_a_superior_may_come_later_and_a_new_branch_takes_members_at_once(chain, office):
    data = workbook(
        [
            ["S3", "丙支部", None, "党支部", "乙总支", None, 1, None],
            ["S2", "乙总支", None, "党总支", "甲委", None, 1, None],
            ["S1", "甲委", None, "基层党委", "中共震泽镇委员会", None, 5, None],
        ],
        [[*ZHANG[:4], "丙支部", *ZHANG[5:]]],
    )
    applied(data, chain["city"], office)
    member = Member.objects.get(number="D1")
    assert [chain["city"].pk, chain["committee"].pk] == member.organization.ancestor_ids[:2]
    assert member.organization.parent.parent.code == "S1"


def test_organizations_without_codes_are_known_by_superior_and_name(chain, office):
    rows = [[None, "新支部", None, "党支部", GENERAL, None, 1, "2011-01-01"]]
    applied(workbook(rows), chain["city"], office)
    made = Organization.objects.get(name="新支部")
    assert made.code == f"D{made.pk:08d}"
    assert outcomes(checked(workbook(rows), chain["city"], office)) == {("organization", 2): "unchanged"}
    assert outcomes(checked(workbook([["N9", *rows[0][1:]]]), chain["city"], office)) == {
        ("organization", 2): "changed"
    }


def test_full_width_signs_and_spaces_do_not_make_another_organization(chain, office):
    found_import = checked(
        workbook(
            [["ｇｅｎｅｒａｌ", "震泽镇　机关党总支", None, "党总支", "中共震泽镇委员会 ", None, None, None]],
            [[*ZHANG[:3], "１９７０年５月", "震泽镇财政所　党支部", *ZHANG[5:]]],
        ),
        chain["city"],
        office,
    )
    assert outcomes(found_import) == {("organization", 2): "unchanged", ("member", 2): "new"}


def test_members_without_numbers_are_known_by_branch_name_and_birth_month(chain, office):
    plain = [None, *ZHANG[1:]]
    applied(workbook(None, [plain]), chain["city"], office)
    assert outcomes(checked(workbook(None, [plain]), chain["city"], office)) == {("member", 2): "unchanged"}
    numbered = checked(workbook(None, [ZHANG]), chain["city"], office)
    assert numbered.rows.get().changes == {"number": [None, "D1"]}
    other_month = checked(workbook(None, [[*plain[:3], "1971-05", *plain[4:]]]), chain["city"], office)
    assert outcomes(other_month) == {("member", 2): "new"}
    assert [w[0] for w in other_month.rows.get().warnings] == ["same_name"]


def test_a_member_in_another_branch_is_transferred_with_history(chain, office):
    applied(workbook(None, [ZHANG]), chain["city"], office, on=dt.date(2026, 1, 1))
    moved = [*ZHANG[:4], SIBLING, *ZHANG[5:]]
    assert (
        applied(workbook(None, [moved]), chain["city"], office).summary["written"]["member"]["changed"] == 1
    )
    member = Member.objects.get()
    assert member.organization == chain["sibling"]
    assert list(
        member.memberships.order_by("starts_on").values_list("organization__name", "starts_on", "ends_on")
    ) == [
        (BRANCH, dt.date(2026, 1, 1), ON),
        (SIBLING, ON, None),
    ]


@pytest.mark.parametrize(
    ("mode", "clean", "writes"), [("stop", False, 1), ("skip", True, 1), ("update", True, 2)]
)
def test_the_conflict_mode_decides_about_rows_that_differ(chain, office, mode, clean, writes):
    applied(workbook(None, [ZHANG]), chain["city"], office)
    differing = [*ZHANG[:8], "13900000009"]
    found_import = checked(workbook(None, [differing, LI]), chain["city"], office, mode)
    assert (found_import.is_clean, found_import.summary["writes"]) == (clean, writes)


def test_skipped_rows_stay_as_they_are(chain, office):
    applied(
        workbook([["branch", BRANCH, "财所", "党支部", None, None, None, None]], [ZHANG]),
        chain["city"],
        office,
        on=dt.date(2026, 1, 1),
    )
    data = workbook(
        [["branch", "改了名", "改", "党支部", None, None, 5, None]], [[*ZHANG[:8], "13900000009"], LI]
    )
    applied(data, chain["city"], office, "skip")
    assert Member.objects.get(number="D1").phone == "13900000001"
    assert Organization.objects.get(code="branch").short_name == "财所"
    assert Member.objects.filter(number="D2").exists()
    assert FormerName.objects.filter(name="改了名").count() == 0


def test_reordering_carries_the_whole_subtree(chain, office):
    applied(
        workbook([["committee", "中共震泽镇委员会", None, "党委", None, None, 77, None]]),
        chain["city"],
        office,
    )
    committee = Organization.objects.get(pk=chain["committee"].pk)
    below = Organization.objects.under(committee)
    assert all(o.order_path.startswith(committee.order_path) for o in below)
    assert "00077" in committee.order_path
    assert Organization.objects.in_protocol_order().last() in below


def test_id_numbers_and_addresses_are_accepted_never_stored_and_said_so(chain, office):
    row = {
        "姓名": "张伟",
        "公民身份号码": "32058419700501",
        "性别": "男",
        "出生日期": "1970-05-01",
        "所属党支部": BRANCH,
        "人员类别": "正式",
        "入党时间": "1990.7.1",
        "家庭住址": "某路1号",
    }
    found_import = applied(workbook(None, [row]), chain["city"], office)
    assert found_import.summary["dropped"]["党员"] == ["公民身份号码", "家庭住址"]
    stored = (
        str(list(Member.objects.values())) + str(list(found_import.rows.values())) + str(found_import.summary)
    )
    assert "32058419700501" not in stored
    assert "某路1号" not in stored


def test_unknown_headings_are_named_with_suggestions_and_do_not_stop_the_import(chain, office):
    row = dict(
        zip(
            ["姓名", "性别", "出生年月", "所在的党支部", "所在党支部", "人员类别", "入党日期"],
            range(7),
            strict=True,
        )
    )
    row |= {
        "姓名": "张伟",
        "性别": "男",
        "出生年月": "1970-05",
        "所在党支部": BRANCH,
        "人员类别": "正式",
        "入党日期": "1990-07-01",
    }
    found_import = checked(workbook(None, [row]), chain["city"], office)
    assert found_import.is_clean
    assert [(h["cell"], h["sheet"]) for h in found_import.summary["headings"]] == [("D1", "党员")]


def test_posts_are_appointed_through_the_service(chain, office, person):
    secretary = person("secretary", "sibling")
    data = workbook(
        [["S1", "新支部", None, "党支部", GENERAL, None, 1, "2011-01-01"]],
        None,
        [["secretary-sibling", "新支部", "书记", "2026-03-01"], ["secretary-sibling", SIBLING, "书记", None]],
    )
    found_import = applied(data, chain["city"], office)
    assert found_import.summary["written"]["post"] == {"new": 1, "changed": 0}
    assert outcomes(found_import)["post", 3] == "unchanged"
    made = Appointment.objects.get(organization__name="新支部")
    assert (made.user, made.post, made.starts_on, made.appointed_by) == (
        secretary,
        "secretary",
        dt.date(2026, 3, 1),
        office,
    )
    assert secretary.organizationuserpost_set.filter(content_object=made.organization).exists()


def test_a_post_of_one_holder_is_handed_over_only_in_update_mode(chain, office, person):
    person("secretary", "branch")
    person("liaison", "branch")
    data = workbook(None, None, [["liaison-branch", BRANCH, "书记", "2026-03-01"]])
    assert not checked(data, chain["city"], office, "stop").is_clean
    applied(data, chain["city"], office)
    assert Appointment.objects.get(user__username="secretary-branch").ends_on == dt.date(2026, 2, 28)


def test_the_import_itself_leaves_an_event_with_its_counts(chain, office):
    applied(workbook(None, [ZHANG, LI]), chain["city"], office)
    kinds = list(
        Event.objects.filter(subject_label="organizations.rosterimport").values_list("kind", flat=True)
    )
    assert kinds == ["rosterimport.upload", "rosterimport.confirm", "rosterimport.apply"]
    event = Event.objects.get(kind="rosterimport.apply")
    assert event.after["member"] == {"new": 2, "changed": 0}
    assert (event.actor, event.place_id) == (office, chain["city"].pk)


def test_the_file_is_gone_once_it_is_applied_or_refused(chain, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        done = applied(workbook(None, [ZHANG]), chain["city"], office)
        refused = checked(b"PK\x03\x04 no workbook", chain["city"], office)
    assert refused.state == "refused"
    assert not done.file.storage.exists(done.file.name)
    assert not refused.file.storage.exists(refused.file.name)


def test_a_person_acts_in_the_background_from_the_post_chosen_at_the_upload(chain, person):
    from organizations.services import appoint

    both = person("office", "city")
    appoint(user=both, post="secretary", organization=chain["general"], on=dt.date(2010, 6, 1))
    both.acting_key = f"secretary@{chain['general'].pk}"
    data = workbook(
        None, [["D9", "赵敏", "女", "1990-01", "丝绸市场第一党支部", "正式党员", "2015-01-01", None, None]]
    )
    assert problems(checked(data, chain["general"], both)) == [("member", 2, "branch_unknown", "branch")]
    started = upload(data, chain["general"], both)
    assert started.acting_key == both.acting_key


def test_a_confirmed_preview_that_is_no_longer_shown_is_refused(chain, office):
    from common.states import StepRefused

    found_import = checked(workbook(None, [ZHANG]), chain["city"], office)
    with pytest.raises(StepRefused, match="预览已经更新"):
        confirm_import(found_import, digest="old", by=office)


def test_the_counts_of_history_are_whole(chain, office):
    applied(
        workbook([["S1", "新支部", None, "党支部", GENERAL, None, 1, None]], [ZHANG, LI]),
        chain["city"],
        office,
    )
    assert Membership.objects.filter(ends_on=None).count() == Member.objects.count() == 2
    assert Affiliation.objects.filter(ends_on=None).count() == Organization.objects.count()
    assert jobs.run_waiting() == 0
