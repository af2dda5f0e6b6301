"""How the audit speaks of organizations, posts and the roster. Loaded by the app's ``ready``."""

from __future__ import annotations

from typing import Any

from common.models import Event
from common.sentences import word, worded
from organizations.kinds import Kind
from organizations.models import Member

word(
    "member",
    {
        "add": "登记党员",
        "show_phone": "查看完整电话",
        "confirm": "转为正式党员",
    },
)
_FIELDS = {
    "name": "名称",
    "short_name": "简称",
    "kind": "类别",
    "code": "代码",
    "hotline": "监督电话",
}


def _shown(field: str, value: Any) -> str:
    if value in (None, ""):
        return "空"
    if field == "kind":
        return Kind(value).label
    if isinstance(value, bool):
        return "是" if value else "否"
    for choices in (Member.Sex, Member.Service) if field in ("sex", "service") else ():
        if value in choices.values:
            return str(choices(value).label)
    return str(value)


def _differences(event: Event, name_of: dict[str, str]) -> str:
    changes = [
        f"{name_of.get(field, field)}由{_shown(field, event.before[field])}改为{_shown(field, value)}"
        for field, value in event.after.items()
        if field in event.before and event.before[field] != value
    ]
    return "，".join(changes) or "没有变化"


@worded("organization.found", "成立党组织")
def _found(event: Event) -> str:
    superior = event.after.get("superior_name")
    return f"成立{event.after['name']}" + (f"，隶属于{superior}" if superior else "")


@worded("organization.rename", "更名")
def _rename(event: Event) -> str:
    return f"{event.before['name']}更名为{event.after['name']}"


@worded("organization.amend", "修改资料")
def _amend(event: Event) -> str:
    return f"修改{event.subject_name}的资料：{_differences(event, _FIELDS)}"


@worded("organization.reorder", "调整排序")
def _reorder(event: Event) -> str:
    return f"{event.subject_name}的排序由{event.before['order']}改为{event.after['order']}"


@worded("organization.affiliate", "调整隶属关系")
def _affiliate(event: Event) -> str:
    moved = event.detail.get("moved", 1)
    below = f"（连同下级共 {moved} 个）" if moved > 1 else ""
    return (
        f"{event.subject_name}{below}由隶属于{event.before['superior_name']}"
        f"改为隶属于{event.after['superior_name']}"
    )


@worded("organization.merge", "合并")
def _merge(event: Event) -> str:
    return f"{event.subject_name}并入{event.after['into_name']}，转去 {event.detail.get('members', 0)} 名党员"


@worded("organization.dissolve", "撤销")
def _dissolve(event: Event) -> str:
    return f"撤销{event.subject_name}"


@worded("organization.appoint", "任职")
def _appoint(event: Event) -> str:
    return f"{event.after['name']}任{event.subject_name}{event.after['post_name']}"


@worded("organization.relieve", "免职")
def _relieve(event: Event) -> str:
    return f"免去{event.after['name']}的{event.subject_name}{event.after['post_name']}职务"


@worded("organization.open_account", "新开账号")
def _open_account(event: Event) -> str:
    return f"为{event.after['name']}开通账号 {event.after['username']}"


@worded("organization.reset_password", "重置密码")
def _reset_password(event: Event) -> str:
    return f"重置{event.after['name']}（{event.after['username']}）的密码"


@worded("organization.disable_account", "停用账号")
def _disable_account(event: Event) -> str:
    return f"停用{event.after['name']}（{event.after['username']}）的账号"


@worded("organization.enable_account", "启用账号")
def _enable_account(event: Event) -> str:
    return f"启用{event.after['name']}（{event.after['username']}）的账号"


@worded("member.edit", "修改党员资料")
def _edit(event: Event) -> str:
    names = {f.name: str(f.verbose_name) for f in Member._meta.fields}
    return f"修改{event.subject_name}的资料：{_differences(event, names)}"


@worded("member.transfer", "转接组织关系")
def _transfer(event: Event) -> str:
    return (
        f"{event.subject_name}的组织关系由{event.before['organization_name']}"
        f"转到{event.after['organization_name']}"
    )


@worded("member.leave", "离开名册")
def _leave(event: Event) -> str:
    return f"{event.subject_name}离开名册：{event.after.get('left_reason_name', '')}"


@worded("rosterimport.upload", "上传名册")
def _upload(event: Event) -> str:
    return f"上传名册“{event.subject_name}”，待核对"


@worded("rosterimport.apply", "导入名册")
def _apply(event: Event) -> str:
    labels = {"organization": "党组织", "member": "党员", "post": "任职"}
    parts = [
        f"{labels[sheet]}新增 {count['new']}、变更 {count['changed']}"
        for sheet, count in event.after.items()
        if any(count.values())
    ]
    return f"导入名册“{event.subject_name}”：{'，'.join(parts)}"


@worded("organization.export_organizations", "导出党组织")
def _export_organizations(event: Event) -> str:
    return f"导出“{event.after['scope']}”范围内的 {event.after['rows']} 个党组织"


@worded("organization.export_members", "导出党员名册")
def _export_members(event: Event) -> str:
    return f"导出“{event.after['scope']}”范围内的 {event.after['rows']} 名党员"


word("rosterimport", {"confirm": "确认导入名册", "cancel": "放弃导入名册"})
