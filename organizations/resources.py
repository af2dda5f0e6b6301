"""The columns of the organizations' and the members' sheet: one definition for import, export and template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from import_export import fields, resources, widgets

from organizations.kinds import Kind
from organizations.models import Appointment, Member, Organization
from organizations.posts import Post


class Labels(widgets.Widget):
    """A choice as the word people read."""

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.labels = {value: str(label) for value, label in choices}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, "")


class YesNo(widgets.Widget):
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "是" if value else "否"


class Month(widgets.Widget):
    """出生年月: 1970-05. A spreadsheet must not make a day of it."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{value:%Y-%m}" if isinstance(value, dt.date) else ""


class Day(widgets.Widget):
    """Stays a date: the writer gives it a real date format."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> dt.date | None:
        return value


class Plain(widgets.Widget):
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


def _field(attribute: str, heading: str, widget: widgets.Widget | None = None) -> fields.Field:
    return fields.Field(attribute=attribute, column_name=heading, widget=widget or Plain())


class OrganizationResource(resources.ModelResource):
    code = _field("code", "党组织代码")
    name = _field("name", "党组织名称")
    short_name = _field("short_name", "简称")
    kind = _field("kind", "组织类别", Labels(Kind.choices))
    superior = _field("parent__name", "上级党组织")
    superior_code = _field("parent__code", "上级党组织代码")
    order = _field("order", "排序")
    founded_on = _field("founded_on", "成立日期", Day())
    hotline = _field("hotline", "监督电话")

    class Meta:
        model = Organization
        fields = export_order = (
            "code",
            "name",
            "short_name",
            "kind",
            "superior",
            "superior_code",
            "order",
            "founded_on",
            "hotline",
        )


class MemberResource(resources.ModelResource):
    number = _field("number", "编号")
    name = _field("name", "姓名")
    sex = _field("sex", "性别", Labels(Member.Sex.choices))
    ethnicity = _field("ethnicity", "民族")
    birth_month = _field("birth_month", "出生年月", Month())
    branch = _field("organization__name", "所在党支部")
    branch_code = _field("organization__code", "所在党支部代码")
    standing = _field("standing", "人员类别", Labels(Member.Standing.choices))
    joined_on = _field("joined_on", "加入党组织日期", Day())
    confirmed_on = _field("confirmed_on", "转为正式党员日期", Day())
    service = _field("service", "在职情况", Labels(Member.Service.choices))
    post_title = _field("post_title", "工作岗位")
    phone = _field("phone", "联系电话")
    is_mobile = _field("is_mobile", "是否流动", YesNo())
    receiving = _field("receiving__name", "流入地党组织")

    class Meta:
        model = Member
        fields = export_order = (
            "number",
            "name",
            "sex",
            "ethnicity",
            "birth_month",
            "branch",
            "branch_code",
            "standing",
            "joined_on",
            "confirmed_on",
            "service",
            "post_title",
            "phone",
            "is_mobile",
            "receiving",
        )


class PostResource(resources.ModelResource):
    username = _field("user__username", "登录名")
    number = _field("user__member__number", "党员编号")
    person = _field("user__name", "姓名")
    organization = _field("organization__name", "党组织名称")
    organization_code = _field("organization__code", "党组织代码")
    post = _field("post", "职务", Labels(Post.choices))
    starts_on = _field("starts_on", "任职日期", Day())
    ends_on = _field("ends_on", "免职日期", Day())

    class Meta:
        model = Appointment
        fields = export_order = (
            "username",
            "number",
            "person",
            "organization",
            "organization_code",
            "post",
            "starts_on",
            "ends_on",
        )


def heading(resource: type[resources.ModelResource], key: str) -> str:
    """The heading under which the sheet shows a field."""
    return resource.fields[key].column_name


def columns(resource: type[resources.ModelResource]) -> list[tuple[str, fields.Field]]:
    """The fields in the order of the sheet; ``resource.fields`` itself has none."""
    return [(key, resource.fields[key]) for key in resource._meta.export_order]
