"""The demo city: invented people, the real addressees of the seed, two campaigns. Deterministic for a given day.

This module holds data only, so that the launcher can print the accounts without Django.
"""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "Demo-2026"  # noqa: S105 -- printed on the sign-in page of the demo; there is no secret


class Account(NamedTuple):
    username: str
    name: str
    posts: str
    hint: str  # what to try with it


ACCOUNTS = [
    Account(
        "zhishu",
        "沈文清",
        "市财政局机关第一党支部书记",
        "填报公开承诺，一页录入并审定党员的承诺，成批公开；点进展、认定自报结果、答复群众意见",
    ),
    Account("lianluo", "陆晓岚", "市财政局机关第一党支部联络员", "替书记起草；提交须由书记本人办理"),
    Account("fushuji", "钱建平", "市财政局机关第一党支部副书记", "与联络员同时改一份草稿，谁的文字都不会丢"),
    Account(
        "dangyuan",
        "蒋晓梅",
        "市财政局机关第一党支部党员（无职务）",
        "作出本人的承诺，可以照上一轮的改；上一轮有一项到期还没报结果",
    ),
    Account(
        "jushuji",
        "顾志远",
        "市财政局机关党委书记",
        "审定下属支部及其书记的承诺，审核支部的活动方案；党员承诺公开前的保密审查",
    ),
    Account("jiguan", "周明德", "市级机关党工委书记", "81 个直属党组织的审定与进度"),
    Account("shiwei", "吴正平", "市委书记", "审定各镇、开发区和系统党委的承诺"),
    Account(
        "bangong", "朱静怡", "市领导小组办公室", "公开前的保密审查；新建活动、管理党组织与任职、导入名册"
    ),
    Account(
        "zhuren", "徐国梁", "市领导小组办公室主任", "批准公开、不予公开、撤下公开，批准变更；查看已归档的各轮"
    ),
    Account("zuzhang", "金伯华", "市领导小组组长", "查看全市进展，不办具体手续"),
    Account("jijian", "费廉生", "市委纪检委员", "查看各级承诺与操作记录"),
    Account("duozhi", "姚立群", "九个职务（书记、副书记、联络员等）", "在页首切换以哪个职务办理"),
    Account("xinren", "倪新宇", "市档案局党支部书记（新任）", "首次登录须修改密码，随后接手前任的待办"),
    Account(
        "guanli",
        "潘守正",
        "系统管理员（无业务职务）",
        "查看系统状态与未送达的消息，办理最上级党组织的书记等任职；看不到草稿",
    ),
]
