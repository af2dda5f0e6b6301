"""What stands in the navigation, for whom. An entry shows when its page exists and its rule allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from django.http import HttpRequest  # noqa: TID251 -- the navigation is asked per request
from django.urls import NoReverseMatch, reverse

from organizations import access

Rule = Callable[[HttpRequest], bool]
Count = Callable[[HttpRequest], int]


def _anyone(request: HttpRequest) -> bool:
    return True


def _none(request: HttpRequest) -> int:
    return 0


def _administrator(request: HttpRequest) -> bool:
    return bool(request.user.is_staff)


def _reads_audit(request: HttpRequest) -> bool:
    return access.may_anywhere(request.user, "organizations.view_audit")


def _reads_pledges(request: HttpRequest) -> bool:
    return access.may_anywhere(request.user, "pledges.view_pledge")


def _reads_progress(request: HttpRequest) -> bool:
    return access.may_anywhere(request.user, "campaigns.view_progress")


def _sets_robot(request: HttpRequest) -> bool:
    return access.may_anywhere(request.user, "campaigns.set_robot")


def _reads_opinions(request: HttpRequest) -> bool:
    return access.may_anywhere(request.user, "pledges.view_opinion")


@dataclass(frozen=True, slots=True)
class Entry:
    icon: str
    label: str
    url_name: str
    short: str = ""  # the word under a tab's icon; on the public site a line of explanation
    allowed: Rule = _anyone
    count: Count = _none
    also: tuple[str, ...] = ()  # the pages that belong here though their addresses begin otherwise


@dataclass(frozen=True, slots=True)
class Link:
    """An Entry as one request sees it; what templates read."""

    icon: str
    label: str
    url: str
    short: str
    current: bool
    count: int
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    entries: tuple[Entry, ...]


DESK = (
    Group(
        "",
        (
            Entry("desk", "我的工作台", "portal:desk", "工作台"),
            Entry("user", "我的承诺", "pledges:my_pledge", "我的"),
        ),
    ),
    Group(
        "活动",
        (
            Entry("campaign", "活动与时段", "campaigns:index", "活动"),
            Entry("chart", "办理进度", "campaigns:progress", "进度", _reads_progress),
            Entry("calendar", "活动方案", "pledges:plans", "方案"),
            Entry("edit", "小结总结", "campaigns:summaries", "小结", _reads_progress),
        ),
    ),
    Group(
        "承诺",
        (
            Entry(
                "pledge",
                "公开承诺",
                "pledges:index",
                "承诺",
                also=(
                    "pledges:published",
                    "pledges:vetting",
                    "pledges:publication_batches",
                    "pledges:changes",
                ),
            ),
            Entry("members", "党员承诺", "pledges:members_branches", "党员承诺", _reads_pledges),
            Entry("ok", "践诺评诺", "pledges:fulfilment", "践诺"),
            Entry("opinion", "群众意见", "pledges:opinions", "意见", _reads_opinions),
            Entry("chart", "承诺情况", "pledges:rounds", "情况"),
        ),
    ),
    Group(
        "党组织",
        (
            Entry("org", "党组织", "organizations:browse", "组织"),
            Entry("members", "党员", "organizations:members", "党员"),
            Entry("import", "名册导入", "organizations:imports", "导入"),
        ),
    ),
    Group(
        "管理",
        (
            Entry("audit", "操作记录", "organizations:audit", "记录", _reads_audit),
            Entry("bell", "群机器人", "campaigns:robot", "群消息", _sets_robot),
            Entry("system", "系统状态", "portal:system", "系统", _administrator),
        ),
    ),
)
TABS = ("portal:desk", "pledges:index", "organizations:browse", "organizations:members")
PUBLIC = (
    Entry("home", "首页", "portal:home"),
    Entry("pledge", "公开承诺", "pledges:public_list", "各党组织承诺做什么、谁负责、何时完成"),
    Entry("calendar", "活动方案", "pledges:public_plans", "各党组织的创先目标、重点任务和时间安排"),
    Entry("org", "党组织", "organizations:public_list", "按隶属关系查找党组织和它的承诺"),
    Entry("campaign", "活动", "campaigns:public", "活动的主题、时段和各个环节的时间"),
)
PERSON = (
    Entry("shield", "我的权限", "organizations:my_permissions"),
    Entry("calendar", "日历订阅", "campaigns:calendar"),
    Entry("device", "登录设备", "accounts:sessions"),
    Entry("key", "修改密码", "account_change_password"),
)


@cache
def url_of(name: str) -> str:
    """The address of a page, or nothing while its app has none. Asked a dozen times for every page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def links(entries: tuple[Entry, ...], request: HttpRequest | None) -> list[Link]:
    """The entries this request may see. Without a request (the 500 page) those open to anyone."""
    found = [(e, url) for e in entries if (url := url_of(e.url_name)) and _shown(e, request)]
    path = request.path if request is not None else ""
    return [
        Link(e.icon, e.label, url, e.short, _current(e, path), e.count(request) if request else 0, e.url_name)
        for e, url in found
    ]


def _shown(entry: Entry, request: HttpRequest | None) -> bool:
    return entry.allowed is _anyone if request is None else entry.allowed(request)


def _current(entry: Entry, path: str) -> bool:
    return any(_within(path, url) for name in (entry.url_name, *entry.also) if (url := url_of(name)))


def _within(path: str, url: str) -> bool:
    """Is this the page, or one of the pages below it? The two homes have the whole site below them."""
    return path == url or (url not in ("/", url_of("portal:desk")) and path.startswith(url))


def tabs(found: list[Link]) -> list[Link]:
    """The four of them that fit at the bottom of a phone; the fifth place opens the whole navigation."""
    return [link for link in found if link.name in TABS]


def carrying(link: Link, query: str) -> Link:
    return replace(link, url=link.url + query)
