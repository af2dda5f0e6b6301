"""The changes of an organization as forms. Each knows who may open it and which service it calls."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.utils import timezone

from common.fields import DayField
from organizations import services
from organizations.access import may
from organizations.forms.picker import OrganizationField
from organizations.kinds import Kind
from organizations.models import Organization
from organizations.queries import preview, scopes

MANAGE = "organizations.manage_organization"


class ChangeForm(forms.Form):
    """A change of ``organization`` asked for by ``user``. ``preview()`` is shown before it is confirmed."""

    verb: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str] = "edit"
    explained: ClassVar[str] = ""
    button: ClassVar[str] = "保存"
    preview_template: ClassVar[str] = ""
    do_not_call_in_templates: ClassVar[bool] = True  # pages list the classes
    is_grave: ClassVar[bool] = False  # confirmed on a second page that says what follows

    def __init__(self, organization: Organization, user: Any, data: Any = None) -> None:
        self.organization, self.user = organization, user
        super().__init__(data, initial=self.present())
        self.prepare()

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return organization.dissolved_on is None and may(user, MANAGE, organization)

    def present(self) -> dict[str, Any]:
        return {}

    def prepare(self) -> None:
        pass

    def preview(self) -> Any:
        """What would follow. Raises OrganizationRefused for what ``apply`` would refuse now."""
        return None

    def apply(self) -> Organization:
        """Call the service. Raises OrganizationRefused."""
        raise NotImplementedError


def by_superior(user: Any, organization: Organization) -> bool:
    parent = organization.parent
    return organization.dissolved_on is None and parent is not None and may(user, MANAGE, parent)


class FoundForm(ChangeForm):
    verb, label, icon, button = "found", "成立下级党组织", "plus", "成立"
    explained = "新成立的党组织隶属于这里。成立后可以接着登记任职和党员。"

    name = forms.CharField(
        label="全称", max_length=120, help_text="与印章一致；没有印章的写“中共＋单位名称＋组织类型”"
    )
    short_name = forms.CharField(label="简称", max_length=60, required=False, help_text="表格和手机上显示")
    kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), *Kind.choices])
    code = forms.CharField(label="代码", max_length=40, help_text="全市唯一，导入和查找时使用")
    order = forms.IntegerField(
        label="排序", min_value=0, max_value=99999, help_text="在同级中的次序，数字小的在前"
    )
    hotline = forms.CharField(label="监督电话", max_length=40, required=False)
    on = DayField(label="成立日期")

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return ChangeForm.allowed(user, organization) and organization.rule.has_subordinates

    def present(self) -> dict[str, Any]:
        last = self.organization.children.living().aggregate(last=Max("order"))["last"] or 0
        return {"order": min(last + 1, 99999), "on": timezone.localdate()}

    def apply(self) -> Organization:
        return services.found(parent=self.organization, by=self.user, **self.cleaned_data)


class RenameForm(ChangeForm):
    verb, label, button = "rename", "更名", "更名"
    explained = "原名称会保留在“曾用名”里，仍可用来查找；更名日期以前的记录仍显示原名称。"

    name = forms.CharField(label="新全称", max_length=120)
    short_name = forms.CharField(label="新简称", max_length=60, required=False)
    on = DayField(label="更名日期", help_text="从这一天起使用新名称")

    def present(self) -> dict[str, Any]:
        here = self.organization
        return {"name": here.name, "short_name": here.short_name, "on": timezone.localdate()}

    def apply(self) -> Organization:
        return services.rename(self.organization, by=self.user, **self.cleaned_data)


class AmendForm(ChangeForm):
    verb, label = "amend", "修改资料"

    kind = forms.ChoiceField(label="类别", choices=Kind.choices)
    code = forms.CharField(label="代码", max_length=40, help_text="全市唯一，导入和查找时使用")
    hotline = forms.CharField(
        label="监督电话", max_length=40, required=False, help_text="公开在网站上，群众可以拨打"
    )

    def present(self) -> dict[str, Any]:
        return {field: getattr(self.organization, field) for field in ("kind", "code", "hotline")}

    def apply(self) -> Organization:
        return services.amend(self.organization, by=self.user, **self.cleaned_data)


class ReorderForm(ChangeForm):
    verb, label, icon = "reorder", "调整排序", "swap"
    explained = "各处名单都按这个次序排列，下级随之移动。"

    order = forms.IntegerField(
        label="排序", min_value=0, max_value=99999, help_text="在同级中的次序，数字小的在前；可以留空号"
    )

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return by_superior(user, organization)

    def present(self) -> dict[str, Any]:
        return {"order": self.organization.order}

    def siblings(self) -> list[Organization]:
        parent = self.organization.parent
        return list(parent.children.living().in_protocol_order()) if parent else []

    def apply(self) -> Organization:
        return services.reorder(self.organization, by=self.user, **self.cleaned_data)


class AffiliateForm(ChangeForm):
    verb, label, icon, button, is_grave = "affiliate", "调整隶属关系", "org", "看看会有什么变化", True
    explained = "连同全部下级一起移到新的上级之下。调整日期以前的隶属关系保留在历史里。"

    preview_template = "organizations/_preview_affiliate.html"

    superior = OrganizationField(label="新的上级党组织", scope="superiors")
    on = DayField(label="调整日期", help_text="今天或今天以前；今天以后的调整请到当天再办理")
    reason = forms.CharField(
        label="依据", max_length=200, required=False, help_text="如文件名称和文号，记入操作记录"
    )

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return by_superior(user, organization)

    def present(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def prepare(self) -> None:
        self.fields["superior"].queryset = scopes.superiors(self.user)

    def preview(self) -> preview.AffiliationPreview:
        superior, on = self.cleaned_data["superior"], self.cleaned_data["on"]
        services.may_affiliate(self.organization, superior=superior, on=on, by=self.user)
        return preview.preview_affiliation(self.organization, superior)

    def apply(self) -> Organization:
        return services.affiliate(self.organization, by=self.user, **self.cleaned_data)


class MergeForm(ChangeForm):
    verb, label, icon, button, is_grave = "merge", "合并", "swap", "看看会有什么变化", True
    explained = "并入另一个党组织：党员和下级随之转去，任职在前一天结束，这里从合并之日起撤销。"

    preview_template = "organizations/_preview_ending.html"

    into = OrganizationField(label="并入", scope="organizations.manage_organization")
    on = DayField(label="合并日期", help_text="今天或今天以前")
    reason = forms.CharField(label="依据", max_length=200, required=False, help_text="如文件名称和文号")

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return by_superior(user, organization)

    def present(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def prepare(self) -> None:
        self.fields["into"].queryset = scopes.reach(self.user, MANAGE)

    def preview(self) -> preview.EndingPreview:
        into, on = self.cleaned_data["into"], self.cleaned_data["on"]
        services.may_merge(self.organization, into=into, on=on, by=self.user)
        return preview.preview_merger(self.organization, into)

    def apply(self) -> Organization:
        services.merge(self.organization, by=self.user, **self.cleaned_data)
        return self.cleaned_data["into"]


class DissolveForm(ChangeForm):
    verb, label, icon, button, is_grave = "dissolve", "撤销", "close", "看看会有什么变化", True
    explained = "没有下级也没有党员的党组织才能撤销。撤销后任职结束，历史记录保留。"

    preview_template = "organizations/_preview_ending.html"

    on = DayField(label="撤销日期", help_text="从这一天起不再存在；今天或今天以前")
    reason = forms.CharField(label="依据", max_length=200, required=False, help_text="如文件名称和文号")

    @staticmethod
    def allowed(user: Any, organization: Organization) -> bool:
        return by_superior(user, organization)

    def present(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def preview(self) -> preview.EndingPreview:
        services.may_dissolve(self.organization, on=self.cleaned_data["on"], by=self.user)
        return preview.preview_dissolution(self.organization)

    def apply(self) -> Organization:
        return services.dissolve(self.organization, by=self.user, **self.cleaned_data)


CHANGES: dict[str, type[ChangeForm]] = {
    form.verb: form
    for form in (FoundForm, RenameForm, AmendForm, ReorderForm, AffiliateForm, MergeForm, DissolveForm)
}


def changes_open_to(user: Any, organization: Organization) -> list[type[ChangeForm]]:
    """The changes to offer on the organization's page."""
    return [form for form in CHANGES.values() if form.allowed(user, organization)]
