"""Invented people. Surnames as they are common around Lake Tai, given names from two neutral pools."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

SURNAMES = (
    "沈陆顾钱吴周张朱徐金姚费屠庞潘倪凌计俞汝王陈李杨赵黄孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅"
    "曾彭吕苏卢蒋蔡贾丁魏薛叶阎余杜戴夏钟汪田任姜范方石谭廖邹熊陶盛翁钮柳毛仲柏严施殷龚邱庄章祝"
)
FIRST = "文建志明国晓春秋永立正廷惠静雅素玉秀丽兰梅云海江林松柏世思学良宏伟振光宗家维绍启元德培佳欣梦雨子泽"
SECOND_MEN = "清平华良军民强生荣根泉林峰斌勇刚健东南北山川毅恒谦诚信宇翔航源涛波磊鑫炎杰豪祥瑞庆余"
SECOND_WOMEN = "芳英珍娟琴萍兰芬凤霞琳洁莹颖怡婷敏慧妍蕾倩雯静秋月菊华玲燕岚"
# Two-character heads of state, ministers and the like do not belong into a demo.
AVOID = frozenset({"江泽民", "李克强", "周恩来", "朱德", "陈云"})


def people(random: Random) -> Iterator[tuple[str, str]]:
    """Endless distinct (name, sex); about a third are women, as in the organs of a county-level city."""
    seen: set[str] = set(AVOID)
    while True:
        sex = "f" if random.random() < 0.34 else "m"
        second = random.choice(SECOND_WOMEN if sex == "f" else SECOND_MEN)
        given = second if random.random() < 0.12 else random.choice(FIRST) + second
        name = random.choice(SURNAMES) + given
        if name not in seen and len(set(name)) == len(name):
            seen.add(name)
            yield name, sex


def phones() -> Iterator[str]:
    """1390000xxxx: numbers nobody has."""
    return (f"1390000{number:04d}" for number in range(10_000))
