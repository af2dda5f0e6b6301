"""What the three sheets of a roster workbook may contain (domain.md 9.3, the national collection sheet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.spreadsheets import values
from common.spreadsheets.columns import Column, Form
from organizations.kinds import HOLDS_MEMBERS, Kind
from organizations.models import Member, RosterImportRow
from organizations.posts import Post
from organizations.resources import MemberResource, OrganizationResource, PostResource, heading

ORGANIZATION, MEMBER, POST = (
    RosterImportRow.Sheet.ORGANIZATION,
    RosterImportRow.Sheet.MEMBER,
    RosterImportRow.Sheet.POST,
)


@dataclass(frozen=True)
class SheetForm:
    """One sheet: its title, the titles people give it instead, its columns."""

    sheet: RosterImportRow.Sheet
    title: str
    aliases: Sequence[str]
    columns: Sequence[Column]
    about: str
    example: dict[str, Any]

    def titles(self) -> tuple[str, ...]:
        return (self.title, *self.aliases)

    def heading(self, key: str) -> str:
        return next((column.heading for column in self.columns if column.key == key), key)

    def as_form(self) -> Form:
        return Form(self.title, self.columns, self.about, self.example)


def _dropped(headings: str) -> list[Column]:
    """Accepted in the file, because the national sheets have them, and never read: not even parsed."""
    return [
        Column(f"dropped_{name}", name, aliases=tuple(aliases), is_dropped=True)
        for name, *aliases in (group.split("/") for group in headings.split())
    ]


def _columns(resource: Any, *specs: tuple[str, dict[str, Any]]) -> list[Column]:
    return [Column(key, heading(resource, key), **options) for key, options in specs]


_SEX = {"男": "m", "女": "f", "男性": "m", "女性": "f", "1": "m", "2": "f"}
_STANDING = {
    "正式党员": "full",
    "预备党员": "probationary",
    "正式": "full",
    "预备": "probationary",
    "中共党员": "full",
    "中共预备党员": "probationary",
}
_SERVICE = {
    "在职": "serving",
    "离退休": "retired",
    "在岗": "serving",
    "退休": "retired",
    "离休": "retired",
    "已退休": "retired",
}
_KIND = {kind.label: kind.value for kind in Kind} | {
    "党总支部": Kind.GENERAL_BRANCH,
    "总支": Kind.GENERAL_BRANCH,
    "总支部": Kind.GENERAL_BRANCH,
    "支部": Kind.BRANCH,
    "联合支部": Kind.JOINT_BRANCH,
    "临时支部": Kind.TEMPORARY_BRANCH,
    "流动支部": Kind.MOBILE_BRANCH,
    "离退休支部": Kind.RETIREE_BRANCH,
    "退休党支部": Kind.RETIREE_BRANCH,
    "委员会": Kind.COMMITTEE,
    "机关党工委": Kind.ORGANS_WORKING_COMMITTEE,
    "党的工作委员会": Kind.WORKING_COMMITTEE,
}
_POST = {post.label: post.value for post in Post} | {
    "支部书记": Post.SECRETARY,
    "党支部书记": Post.SECRETARY,
    "党委书记": Post.SECRETARY,
    "办公室": Post.OFFICE,
    "办公室主任": Post.OFFICE_DIRECTOR,
    "组长": Post.GROUP_HEAD,
    "成员": Post.GROUP_MEMBER,
    "纪检": Post.DISCIPLINE,
}
_NAME = values.text_up_to(120, values.tidy_name)
_CODE = values.text_up_to(40, values.identifier)


def _phone(cell: Any) -> str:
    """A masked number came out of an export: it says nothing, and must not replace the real one."""
    text = values.text_up_to(20, values.identifier)(cell)
    return "" if "*" in text else text


_ORGANIZATION_COLUMNS = _columns(
    OrganizationResource,
    (
        "code",
        {
            "aliases": ("代码", "组织代码", "党组织编码", "编码", "组织编码", "编号"),
            "parse": _CODE,
            "help": "已有代码的请填写，用它认出系统里的党组织；新党组织不填时由系统编号。",
            "width": 16,
        },
    ),
    (
        "name",
        {
            "aliases": ("名称", "全称", "党组织全称", "组织名称", "党组织"),
            "required": True,
            "parse": _NAME,
            "help": "与印章一致的全称。同一上级之下不能重名。",
            "width": 36,
        },
    ),
    (
        "short_name",
        {"aliases": ("党组织简称",), "parse": values.text_up_to(60, values.tidy_name), "width": 20},
    ),
    (
        "kind",
        {
            "aliases": ("党组织类别", "类别", "组织类型", "党组织类型", "类型"),
            "required": True,
            "parse": values.choice(_KIND, "组织类别"),
            "choices": tuple(Kind.labels),
            "help": "从下拉列表中选择。",
            "width": 18,
        },
    ),
    (
        "superior",
        {
            "aliases": ("上级党组织名称", "上级组织", "隶属党组织", "隶属于", "上级"),
            "parse": _NAME,
            "help": "上级党组织的全称。可以是系统里已有的，也可以是本表中的，先后不限。",
            "width": 36,
        },
    ),
    (
        "superior_code",
        {
            "aliases": ("上级代码", "上级组织代码", "上级党组织编码"),
            "parse": _CODE,
            "help": "上级有同名党组织时填写代码。",
            "width": 16,
        },
    ),
    (
        "order",
        {
            "aliases": ("排列顺序", "排序号", "次序"),
            "parse": values.parse_whole_number(99999),
            "help": "同一上级之下的先后次序，填整数。",
            "width": 8,
            "is_text": False,
        },
    ),
    (
        "founded_on",
        {
            "aliases": ("成立时间", "建立日期", "建立时间", "批准成立日期"),
            "parse": values.parse_date_or_month,
            "help": "如 2010-08-19。不填时按变动日期。",
        },
    ),
    (
        "hotline",
        {
            "aliases": ("监督举报电话", "公开电话"),
            "parse": values.text_up_to(40, values.identifier),
            "help": "向群众公布的监督电话。",
            "width": 16,
        },
    ),
) + _dropped(
    "序号 书记/党组织书记/书记姓名 联系人 联系电话/电话/联系方式 所在单位情况/党组织所在单位情况 "
    "单位名称/所在单位名称 单位性质/单位性质类别 法人单位统一社会信用代码/统一社会信用代码 备注/说明"
)

_MEMBER_COLUMNS = _columns(
    MemberResource,
    (
        "number",
        {
            "aliases": ("党员编号", "人员编号", "工号", "党员代码"),
            "parse": _CODE,
            "help": "有编号的请填写，用它认出系统里的党员。不是公民身份号码。",
        },
    ),
    (
        "name",
        {
            "aliases": ("党员姓名", "名字"),
            "required": True,
            "parse": values.text_up_to(60, values.tidy_name),
            "width": 12,
        },
    ),
    (
        "sex",
        {"required": True, "parse": values.choice(_SEX, "性别"), "choices": ("男", "女"), "width": 8},
    ),
    (
        "ethnicity",
        {"parse": values.text_up_to(20, values.tidy_name), "help": "不填时为汉族。", "width": 10},
    ),
    (
        "birth_month",
        {
            "aliases": ("出生日期", "出生年月日", "出生时间", "生日"),
            "required": True,
            "parse": values.parse_month,
            "help": "如 1970-05，只保存到月。",
            "width": 12,
        },
    ),
    (
        "branch",
        {
            "aliases": ("所属党支部", "所在支部", "党支部", "党支部名称", "所在党组织", "所属党组织"),
            "parse": _NAME,
            "help": "党支部的全称。可以是系统里已有的，也可以是“党组织”表中的。",
            "width": 36,
        },
    ),
    (
        "branch_code",
        {
            "aliases": ("党支部代码", "所在支部代码", "所在党组织代码", "支部代码"),
            "parse": _CODE,
            "help": "有同名党支部时填写代码。",
            "width": 16,
        },
    ),
    (
        "standing",
        {
            "aliases": ("党员类别", "类别", "党员身份", "政治面貌"),
            "required": True,
            "parse": values.choice(_STANDING, "人员类别"),
            "choices": tuple(Member.Standing.labels),
            "width": 12,
        },
    ),
    (
        "joined_on",
        {
            "aliases": ("入党日期", "入党时间", "加入党组织时间", "加入中国共产党日期"),
            "required": True,
            "parse": values.parse_date_or_month,
            "help": "如 1995-07-01。",
        },
    ),
    (
        "confirmed_on",
        {
            "aliases": ("转正日期", "转正时间", "转为正式党员时间"),
            "parse": values.parse_date_or_month,
            "help": "正式党员填写；预备党员不填。",
        },
    ),
    (
        "service",
        {
            "aliases": ("是否在职", "在职状态", "在岗情况"),
            "parse": values.choice(_SERVICE, "在职情况"),
            "choices": tuple(Member.Service.labels),
            "help": "不填时为在职。",
            "width": 10,
        },
    ),
    (
        "post_title",
        {
            "aliases": ("职务", "岗位", "工作职务", "单位及职务", "职务或岗位"),
            "parse": values.text_up_to(80),
            "width": 20,
        },
    ),
    (
        "phone",
        {
            "aliases": ("手机号码", "手机号", "手机", "电话", "电话号码", "联系方式"),
            "parse": _phone,
            "help": "页面上只显示前三位和后四位；导出时遮住的号码（139****0001）再导入时不改动。",
        },
    ),
    (
        "is_mobile",
        {
            "aliases": ("是否流动党员", "流动党员", "是否为流动党员"),
            "parse": lambda cell: values.parse_yes_no(cell) if values.as_text(cell) else None,
            "choices": ("是", "否"),
            "help": "不填时为否。",
            "width": 10,
        },
    ),
    (
        "receiving",
        {
            "aliases": ("流入地", "流入党组织", "接收党组织"),
            "parse": _NAME,
            "help": "流动党员在本市参加活动的党组织全称。",
            "width": 30,
        },
    ),
) + _dropped(
    "公民身份号码/身份证号/身份证号码/公民身份证号码/身份证/证件号码 家庭住址/住址/家庭地址/现居住地/居住地/联系地址 "
    "学历/文化程度 籍贯 党籍状态 是否失联/失联党员 失联日期/失联时间 流向/流动去向/外出流向 流动日期/外出日期 "
    "序号 备注/说明 照片"
)

_POST_COLUMNS = _columns(
    PostResource,
    (
        "username",
        {
            "aliases": ("账号", "用户名", "登录账号"),
            "parse": values.text_up_to(150, values.identifier),
            "help": "已开通的登录名。导入不会开通账号。",
        },
    ),
    (
        "number",
        {
            "aliases": ("编号", "人员编号"),
            "parse": _CODE,
            "help": "不填登录名时，用已有账号的党员的编号。",
        },
    ),
    ("person", {"parse": values.text_up_to(60, values.tidy_name), "help": "核对用，与账号上的姓名一致。"}),
    (
        "organization",
        {"aliases": ("党组织", "任职党组织", "所在党组织"), "parse": _NAME, "width": 36},
    ),
    (
        "organization_code",
        {"aliases": ("代码", "任职党组织代码"), "parse": _CODE, "width": 16},
    ),
    (
        "post",
        {
            "aliases": ("任职", "党内职务", "担任职务"),
            "required": True,
            "parse": values.choice(_POST, "职务"),
            "choices": tuple(Post.labels),
            "width": 22,
        },
    ),
    (
        "starts_on",
        {"aliases": ("任职时间", "起"), "parse": values.parse_date, "help": "不填时按变动日期。"},
    ),
    ("ends_on", {"aliases": ("免职时间", "止", "任期届满"), "parse": values.parse_date}),
) + _dropped("序号 备注/说明")

FORMS = (
    SheetForm(
        ORGANIZATION,
        "党组织",
        ("党组织信息", "组织", "党组织名册", "党组织信息采集表", "基层党组织"),
        _ORGANIZATION_COLUMNS,
        "每个党组织一行。只导入党员时，这张表可以没有。",
        {
            "code": "3205840101",
            "name": "中共苏河市城市建设局第一支部委员会",
            "short_name": "城建局第一支部",
            "kind": "党支部",
            "superior": "中共苏河市城市建设局机关委员会",
            "order": "1",
            "founded_on": "2008-03-12",
        },
    ),
    SheetForm(
        MEMBER,
        "党员",
        ("党员信息", "党员名册", "党员花名册", "党员信息采集表", "花名册"),
        _MEMBER_COLUMNS,
        f"每名党员一行，党员的组织关系落在：{'、'.join(k.label for k in Kind if k in HOLDS_MEMBERS)}。",
        {
            "number": "D000123",
            "name": "林晓禾",
            "sex": "女",
            "ethnicity": "汉族",
            "birth_month": "1978-05",
            "branch": "中共苏河市城市建设局第一支部委员会",
            "standing": "正式党员",
            "joined_on": "2001-07-01",
            "confirmed_on": "2002-07-01",
            "service": "在职",
            "post_title": "科员",
            "phone": "13900000000",
            "is_mobile": "否",
        },
    ),
    SheetForm(
        POST,
        "任职",
        ("任职信息", "职务", "任职情况"),
        _POST_COLUMNS,
        "可以没有这张表。只为已有账号的同志任职；导入人须有任职管理权限。",
        {
            "username": "lin.xiaohe",
            "person": "林晓禾",
            "organization": "中共苏河市城市建设局第一支部委员会",
            "post": "书记",
            "starts_on": "2026-01-01",
        },
    ),
)
BY_SHEET = {form.sheet: form for form in FORMS}
TEMPLATE_NOTES = (
    "红底带 * 的列必须有，其他列可以删去；列的先后不限。空着的格子表示“不改动”，不会清除系统里的内容。",
    "公民身份号码、家庭住址等列可以留在表中，系统不读取、不保存。请不要合并单元格，不要使用公式。",
    "新建党组织、变更党组织的资料须由上级党委办公室导入；书记导入党员时，“党组织”表照系统里的内容填写，或不填。",
)
