"""The organizations of the demo city, as a list in which superiors come before subordinates.

Level 1 is the addressee line of the seed in its own order. Units below are those any county-level city had in 2010;
nothing in them refers to a person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from organizations.kinds import Kind


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FOUNDED = dt.date(1992, 5, 4)
TOWNS = ("松陵", "盛泽", "同里", "平望", "震泽", "七都", "桃源", "横扇", "黎里")
TOWN_UNITS = ("党政办公室", "财政和资产管理所", "建设管理服务所")
TOWN_BRANCHES = ("农业服务中心", "社会事业服务中心")
ZONES = (("吴江经济开发区", "吴江经济开发区"), ("吴江汾湖经济开发区", "汾湖经济开发区"))
ZONE_UNITS = ("招商局", "规划建设局", "财政局", "人力资源局", "企业服务中心")

SYSTEMS = {
    "教育": ("教育局机关", "城东中学", "运河中学", "鲈乡小学", "实验幼儿园"),
    "卫生": ("卫生局机关", "中医医院", "疾病预防控制中心", "卫生监督所", "妇幼保健所"),
    "公安": ("公安局机关", "巡特警大队", "交通警察大队", "出入境管理大队", "看守所"),
    "住房和城乡建设": ("住房和城乡建设局机关", "市政管理处", "园林绿化管理处", "房产交易中心"),
    "交通运输": ("交通运输局机关", "公路管理站", "航道管理处", "运输管理处"),
    "水利": ("水利局机关", "堤闸管理所", "水政监察大队", "防汛物资站"),
    "农业": ("农业委员会机关", "农业技术推广中心", "动物卫生监督所", "水产技术推广站"),
    "供销合作": ("供销合作总社机关", "农业生产资料公司", "再生资源公司"),
}

# Bureaus with a 机关党委, each with the units that have a branch of their own.
BUREAUS_WITH_COMMITTEE = {
    "财政局": ("机关第一", "机关第二", "国库支付中心", "农税管理处"),
    "人力资源和社会保障局": ("机关第一", "机关第二", "就业服务中心", "社会保险管理处"),
    "国土资源局": ("机关", "土地储备中心", "国土监察大队"),
    "国家税务局": ("机关第一", "机关第二", "办税服务厅", "稽查局"),
    "地方税务局": ("机关第一", "机关第二", "办税服务厅", "征收分局"),
    "工商行政管理局": ("机关", "注册登记分局", "经济检查大队", "消费者协会"),
    "人民法院": ("机关", "立案庭", "民事审判庭", "执行局"),
    "人民检察院": ("机关", "公诉科", "控告申诉科"),
    "环境保护局": ("机关", "环境监察大队", "环境监测站"),
    "城市管理局": ("机关", "城管执法大队", "环境卫生管理处", "市容管理所"),
    "民政局": ("机关", "救助管理站", "社会福利院", "婚姻登记处"),
    "司法局": ("机关", "公证处", "法律援助中心"),
}
BUREAUS_WITH_GENERAL_BRANCH = {
    "审计局": ("机关", "投资审计中心"),
    "统计局": ("机关", "普查中心"),
    "发展和改革委员会": ("机关", "价格认证中心", "重大项目办公室"),
    "经济和信息化委员会": ("机关", "节能监察中心", "中小企业服务中心"),
    "科学技术局": ("机关", "生产力促进中心"),
    "商务局": ("机关", "外商投资服务中心"),
    "文化广电新闻出版局": ("机关", "图书馆", "文化馆", "博物馆"),
    "规划局": ("机关", "规划编制中心"),
    "安全生产监督管理局": ("机关", "安监大队"),
    "人口和计划生育委员会": ("机关", "计生指导站"),
    "质量技术监督局": ("机关", "计量检定所"),
    "食品药品监督管理局": ("机关", "稽查大队"),
    "广播电视台": ("新闻中心", "技术中心"),
    "行政服务中心": ("窗口第一", "窗口第二"),
}
BUREAUS_WITH_BRANCH = words(
    "市委办公室 市人大办公室 市政府办公室 市政协办公室 市纪委机关 市委组织部 市委宣传部 市委统战部 市委政法委 "
    "市委农村工作办公室 市委老干部局 市委党校 市级机关党工委机关 市委研究室 市机构编制办公室 市信访局 市档案局 "
    "市物价局 市旅游局 市体育局 市民族宗教事务局 市外事办公室 市机关事务管理局 市公共资源交易中心 "
    "市住房公积金管理中心 市总工会 团市委 市妇女联合会 市科学技术协会 市工商业联合会 市残疾人联合会 市红十字会 "
    "市文学艺术界联合会 市归国华侨联合会 市气象局 市烟草专卖局 市邮政局 市供电公司 市盐务管理局 市日报社 市地震局"
)
# 党组 beside the organ committee: no members' affiliation, no subordinates, no pledges.
BUREAUS_WITH_DANGZU = ("财政局", "国土资源局", "环境保护局", "民政局", "审计局")


@dataclass(frozen=True, slots=True)
class Place:
    code: str  # three digits a level, as the real books have it
    kind: Kind
    name: str
    short: str
    order: int
    parent: str  # its code; "" for the root
    founded_on: dt.date = FOUNDED


@dataclass(slots=True)
class Outline:
    places: list[Place] = field(default_factory=list)
    _children: dict[str, int] = field(default_factory=dict)

    def add(self, parent: str, kind: Kind, name: str, short: str, *, on: dt.date = FOUNDED) -> str:
        number = self._children[parent] = self._children.get(parent, 0) + 1
        code = f"{parent}{number:03d}"
        self.places.append(Place(code, kind, name, short, number * 10, parent, on))
        return code

    def branch(self, parent: str, unit: str, kind: Kind = Kind.BRANCH, *, on: dt.date = FOUNDED) -> str:
        title = kind.label.removesuffix("党支部")
        return self.add(parent, kind, f"中共{unit}{title}支部委员会", f"{_short(unit)}{title}党支部", on=on)


def _short(unit: str) -> str:
    return "市" + unit.removeprefix("吴江市") if unit.startswith("吴江市") else unit


def outline() -> list[Place]:
    city = Outline()
    root = city.add("", Kind.COMMITTEE, "中共吴江市委员会", "市委")
    for town in TOWNS:
        _town(city, root, town)
    for full, short in ZONES:
        _zone(city, root, full, short)
    _organs(
        city, city.add(root, Kind.ORGANS_WORKING_COMMITTEE, "中共吴江市市级机关工作委员会", "市级机关党工委")
    )
    _market(city, root)
    for name, units in SYSTEMS.items():
        _system(city, root, name, units)
    return city.places


def _town(city: Outline, root: str, town: str) -> None:
    committee = city.add(root, Kind.COMMITTEE, f"中共{town}镇委员会", f"{town}镇党委")
    organ = city.add(committee, Kind.GENERAL_BRANCH, f"中共{town}镇机关总支部委员会", f"{town}镇机关党总支")
    for unit in TOWN_UNITS:
        city.branch(organ, f"{town}镇{unit}")
    for unit in TOWN_BRANCHES:
        city.branch(committee, f"{town}镇{unit}")
    city.branch(committee, f"{town}镇机关", Kind.RETIREE_BRANCH)


def _zone(city: Outline, root: str, full: str, short: str) -> None:
    committee = city.add(root, Kind.WORKING_COMMITTEE, f"中共{full}工作委员会", f"{short}党工委")
    organ = city.add(committee, Kind.ORGAN_COMMITTEE, f"中共{full}机关委员会", f"{short}机关党委")
    for unit in ZONE_UNITS:
        city.branch(organ, f"{short}{unit}")
    city.branch(committee, f"{short}软件园", Kind.JOINT_BRANCH, on=dt.date(2007, 7, 1))
    city.branch(committee, f"{short}外来务工人员", Kind.MOBILE_BRANCH, on=dt.date(2008, 3, 1))


def _market(city: Outline, root: str) -> None:
    market = city.add(root, Kind.WORKING_COMMITTEE, "中共东方丝绸市场工作委员会", "东方丝绸市场党工委")
    for unit in ("东方丝绸市场管理办公室", "东方丝绸市场物业管理处", "东方丝绸市场质量检测中心"):
        city.branch(market, unit)
    city.branch(market, "东方丝绸市场商户", Kind.JOINT_BRANCH, on=dt.date(2005, 9, 1))
    city.branch(market, "东方丝绸市场经营户", Kind.MOBILE_BRANCH, on=dt.date(2008, 5, 1))


def _system(city: Outline, root: str, name: str, units: tuple[str, ...]) -> None:
    committee = city.add(root, Kind.SYSTEM_COMMITTEE, f"中共吴江市{name}系统委员会", f"市{name}系统党委")
    for unit in units:
        city.branch(committee, f"吴江市{unit}")
    if name == "农业":
        city.branch(committee, "吴江市粮食局")  # moves to the organs in 2011, see history.py
    city.branch(committee, f"吴江市{name}系统", Kind.RETIREE_BRANCH)


def _organs(city: Outline, organs: str) -> None:
    """The organs' working committee: with one that joins later 81 direct subordinates, as a real one was seen to have."""
    for bureau, units in BUREAUS_WITH_COMMITTEE.items():
        _bureau(city, organs, bureau, units, Kind.ORGAN_COMMITTEE, "机关委员会", "机关党委")
    for bureau, units in BUREAUS_WITH_GENERAL_BRANCH.items():
        _bureau(city, organs, bureau, units, Kind.GENERAL_BRANCH, "总支部委员会", "党总支")
    for bureau in BUREAUS_WITH_BRANCH:
        city.branch(organs, bureau.replace("市", "吴江市", 1) if bureau.startswith("市") else bureau)
    for bureau in BUREAUS_WITH_DANGZU:
        city.add(organs, Kind.DANGZU, f"中共吴江市{bureau}党组", f"市{bureau}党组")
    for unit in ("市直离退休干部第一", "市直离退休干部第二", "市直离退休干部第三"):
        city.add(organs, Kind.RETIREE_BRANCH, f"中共{unit}支部委员会", f"{unit}党支部")
    for unit in ("民主党派机关", "行业协会", "律师事务所"):
        city.branch(organs, unit, Kind.JOINT_BRANCH, on=dt.date(2006, 4, 1))
    city.branch(organs, "市重点工程指挥部", Kind.TEMPORARY_BRANCH, on=dt.date(2010, 3, 1))
    city.branch(organs, "市人才服务中心", Kind.MOBILE_BRANCH, on=dt.date(2004, 6, 1))


def _bureau(
    city: Outline, organs: str, bureau: str, units: tuple[str, ...], kind: Kind, suffix: str, short: str
) -> None:
    committee = city.add(organs, kind, f"中共吴江市{bureau}{suffix}", f"市{bureau}{short}")
    for unit in units:
        city.branch(committee, f"吴江市{bureau}{unit}")
    if kind is Kind.ORGAN_COMMITTEE:
        city.branch(committee, f"吴江市{bureau}", Kind.RETIREE_BRANCH)
