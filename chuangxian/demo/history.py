"""What became of some organizations: renamed, merged, moved, dissolved. Through the services, on the day it happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chuangxian.demo.clock import at, moment
from organizations import services
from organizations.kinds import Kind
from organizations.models import Organization

# (old name, old short name, new name, new short name, from)
RENAMED = [
    (
        "中共吴江市建设系统委员会",
        "市建设系统党委",
        "中共吴江市住房和城乡建设系统委员会",
        "市住房和城乡建设系统党委",
        dt.date(2010, 4, 12),
    ),
    (
        "中共吴江市交通系统委员会",
        "市交通系统党委",
        "中共吴江市交通运输系统委员会",
        "市交通运输系统党委",
        dt.date(2010, 4, 12),
    ),
    (
        "中共吴江市广播电视总台总支部委员会",
        "市广播电视总台党总支",
        "中共吴江市广播电视台总支部委员会",
        "市广播电视台党总支",
        dt.date(2011, 5, 1),
    ),
]
FIRST_NAMES = {new: (old, old_short) for old, old_short, new, _, _ in RENAMED}


def live_through(places: dict[str, Organization], by: Any, today: dt.date) -> None:
    """All changes in the order of their days; ``places`` are those of the outline, by code."""
    by_name = {place.name: place for place in places.values()}
    organs = by_name["中共吴江市市级机关工作委员会"]
    with at(moment(dt.date(1995, 3, 1))):
        personnel = services.found(
            name="中共吴江市人事局支部委员会", short_name="市人事局党支部", kind=Kind.BRANCH,
            code=f"{organs.code}901", parent=organs, order=9010, on=dt.date(1995, 3, 1), by=None,
        )  # fmt: skip
    with at(moment(dt.date(2010, 4, 1))):
        expo = services.found(
            name="中共吴江市世博服务保障临时支部委员会", short_name="市世博服务保障临时党支部",
            kind=Kind.TEMPORARY_BRANCH, code=f"{organs.code}902", parent=organs, order=9020,
            on=dt.date(2010, 4, 1), by=None,
        )  # fmt: skip
    for old, _, new, new_short, on in RENAMED[:2]:
        _rename(by_name[old], new, new_short, on, by)
    with at(moment(dt.date(2010, 4, 20))):
        successor = by_name["中共吴江市人力资源和社会保障局机关第一支部委员会"]
        services.merge(
            personnel,
            into=successor,
            on=dt.date(2010, 4, 20),
            by=by,
            reason="机构改革，职能并入人力资源和社会保障局",
        )
    with at(moment(dt.date(2010, 11, 30))):
        services.dissolve(expo, on=dt.date(2010, 11, 30), by=by, reason="世博会服务保障任务结束")
    with at(moment(dt.date(2011, 3, 1))):
        services.affiliate(
            by_name["中共吴江市粮食局支部委员会"], superior=organs, on=dt.date(2011, 3, 1), by=by,
            reason="管理体制调整，划归市级机关党工委",
        )  # fmt: skip
    old, _, new, new_short, on = RENAMED[2]
    _rename(by_name[old], new, new_short, on, by)
    recently = today - dt.timedelta(days=75)
    with at(moment(recently)):
        services.affiliate(
            by_name["中共东方丝绸市场质量检测中心支部委员会"],
            superior=by_name["中共吴江市质量技术监督局总支部委员会"], on=recently, by=by,
            reason="检测业务实行垂直管理",
        )  # fmt: skip


def _rename(place: Organization, name: str, short_name: str, on: dt.date, by: Any) -> None:
    with at(moment(on)):
        services.rename(place, name=name, short_name=short_name, on=on, by=by)
