"""Hints: what is too vague to be checked, and what is nearly the same as another's item (domain.md 1.6)."""

import itertools
import os
import subprocess
import sys
from collections import defaultdict
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangxian.demo.phrases import GENERAL, TRADES
from pledges.hints import TWIN, Item, closest, pairing, signature, similarity, twins, vague
from pledges.hints.alike import bare

PHRASES = [p for lines in GENERAL.values() for p in lines] + [
    p for lines in TRADES.values() for _, p in lines
]

# What the hint begins with or speaks of; nothing expected, no hint.
NEITHER, NO_FIGURE = "没有写数量，也没有写时间", "没有写数量。"
DIRECTION, COMPARED = "说的是方向", "没有写变化多少"
VAGUE = [
    ("加强学习，提高素质", DIRECTION),
    ("努力提高服务质量和服务水平", DIRECTION),
    ("进一步加强机关作风建设，切实提高办事效率", DIRECTION),
    ("认真做好本职工作，全心全意为人民服务", DIRECTION),
    ("深入推进党风廉政建设，不断增强廉洁自律意识", DIRECTION),
    ("１．加强理论学习；２．增强党性修养", DIRECTION),
    ("①强化责任意识 ②改进工作作风", DIRECTION),
    ("充分发挥五个表率作用", DIRECTION),
    ("坚持三会一课制度，切实加强支部建设", DIRECTION),
    ("认真落实中央八项规定精神，坚持廉洁自律", DIRECTION),
    ("统一思想，十分重视基层基础工作", DIRECTION),
    ("牢固树立一盘棋思想，争创一流业绩", DIRECTION),
    ("2026年努力在服务上有新突破", DIRECTION),
    ("切实做好防汛工作", DIRECTION),
    ("强化队伍管理，打造一支过硬的执法队伍", NEITHER),
    ("密切联系百姓，让千家万户喝上放心水", NEITHER),
    ("吃喝招待费比去年降低", COMPARED),
    ("窗口办事等候时间明显缩短", COMPARED),
    ("信访量较上年有所下降", COMPARED),
    ("村集体收入逐年增加", COMPARED),
    ("走访一些困难群众，帮助解决困难", NEITHER),
    ("统一安排党员到敬老院开展志愿服务", NEITHER),
    ("对企业提出的问题一定及时答复", NEITHER),
    ("第一时间处置供水管网漏损", NEITHER),
    ("实行一次性告知和首问负责", NEITHER),
    ("推行一户一策结对帮扶低收入农户", NEITHER),
    ("接到12345热线转来的工单马上办理", NEITHER),
    ("整治农贸市场占道经营，监督电话63420000", NEITHER),
    ("党员教师与学习困难的学生结对", NEITHER),
    ("修好村口到小学的道路", NEITHER),
]
CLEAR = [
    "全年上门办税十二次",
    "全年至少撰写十二篇宣传报道",
    "办税服务厅平均等候时间由２５分钟缩短到１０分钟",
    "行政审批事项办理时限压缩三分之一",
    "发布后十分钟内把气象预警送到种养大户",
    "三公里内设便民取款点，全年无休",
    "图书馆延长开放时间两小时",
    "六一前给留守儿童每人配一个书包",
    "群众来访按期答复率达到百分之九十八",
    "办公经费压减一半以上",
    "会议数量减少半数，文件精简两成",
    "努力提高服务质量，投诉下降百分之五",
    "药品抽检覆盖四十余家药店",
    "帮助上百户农户加入合作社",
    "整治背街小巷二十几条",
    "为结对村修一座桥",
    "打造三支党员突击队",
    "校车零事故，食堂采购全部公开",
    "农村公路养护做到一周一次巡查",
    "汛前检修完镇区所有涵闸",
    "国庆前建成社区图书室",
    "六月底前完成老旧小区雨污分流改造",
    "第三季度开通夜间公交线路",
    "每月更新党务公开栏",
    "当日受理的报修当日办结",
    "春耕期间农技员驻村指导",
    "每户困难家庭落实一名帮扶党员",
    "执法记录逐件上网公示",
    "重大事项全部集体讨论决定",
    "审理涉农案件在十五日内开庭",
    "学期末向家长公布食堂账目",
    "为孤寡老人每周送药上门",
    "完成户籍档案数字化2.6万卷",
    "法律援助中心接待来访不少于300人次",
]


def speaks_of(hints):
    return [kind for hint in hints for kind in (NEITHER, NO_FIGURE, DIRECTION, COMPARED) if kind in hint]


@pytest.mark.parametrize(("content", "kind"), VAGUE)
def test_a_vague_item_is_told_so_once(content, kind):
    assert speaks_of(vague(content)) == [kind]


@pytest.mark.parametrize("content", CLEAR)
def test_an_item_that_can_be_checked_gets_no_hint(content):
    assert vague(content) == []


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: p.content[:12])
def test_no_item_of_the_demo_gets_a_hint(phrase):
    figures = {letter: low for letter, (low, _) in phrase.ranges.items()}
    assert vague(phrase.content.format(**figures)) == []


@pytest.mark.parametrize(
    ("content", "fields", "kinds"),
    [
        ("修好村口到小学的道路", {"due_on": "2026-06-30"}, []),
        ("在办税服务厅增设无障碍通道", {"due_on": "2026-06-30"}, []),
        ("大力发展特色农业，促进农民增收", {"due_on": "2026-12-31"}, [NO_FIGURE]),
        ("加强学习，提高素质", {"due_on": "2026-12-31"}, [DIRECTION]),
        ("吃喝招待费比去年降低", {"due_on": "2026-12-31"}, [COMPARED]),
        ("吃喝招待费比去年降低", {"target": "下降８%"}, []),
        ("吃喝招待费比去年降低", {"target": "下降一成"}, []),
        ("吃喝招待费比去年降低", {"target": "下降"}, [COMPARED]),
        ("努力提高服务质量", {"measures": "每件办结后回访，每月抽查30件"}, []),
        ("努力提高服务质量", {"measures": "在大厅设意见簿，由值班长答复"}, [NEITHER]),
        ("努力提高服务质量", {"measures": "加强领导，落实责任"}, [DIRECTION]),
        ("", {"measures": "加强领导"}, []),
        ("  ", {}, []),
    ],
)
def test_the_fields_of_an_item_are_read_with_its_words(content, fields, kinds):
    assert speaks_of(vague(content, **fields)) == kinds


def test_a_hint_names_the_words_it_speaks_of():
    (hint,) = vague("努力提高服务质量，努力为人民服务")
    assert hint.startswith("“努力”“提高”说的是方向")
    (hint,) = vague("吃喝招待费比去年降低")
    assert hint.startswith("写了“比去年降低”")


# --- nearly the same ---

COPY = "组织党员志愿服务6次，参加党员人均不少于10小时，与所在社区商定服务项目"


def varied(text, edits, random):
    """``edits`` characters exchanged, put in or taken out."""
    letters = list(text)
    for _ in range(edits):
        place = random.randrange(len(letters))
        letters[place : place + random.randint(0, 1)] = random.choice(["", *COPY])
    return "".join(letters)


def written(phrase, random):
    figures = {letter: random.randint(*bounds) for letter, bounds in phrase.ranges.items()}
    return "，".join((phrase.content, random.choice(phrase.measures.split("，")))).format(**figures)


@pytest.fixture(scope="module")
def texts():
    """2,000 items: copies, with none to six edits, of as many phrases as a city has."""
    random = Random(20100819)
    return [
        varied(written(random.choice(PHRASES), random), random.randint(0, 6), random) for _ in range(2000)
    ]


@pytest.fixture(scope="module")
def truth(texts):
    """(i, j) -> likeness, of every two texts with 0.3 or more: found by comparing every two."""
    words = [bare(text) for text in texts]
    pairs = [{a + b for a, b in itertools.pairwise(each)} for each in words]
    found = {}
    for (i, a), (j, b) in itertools.combinations(enumerate(pairs), 2):
        common = len(a & b)
        if (score := common / (len(a) + len(b) - common)) >= 0.3:
            found[i, j] = score
    return found


def flat(texts):
    return [Item(i, text, ("all",), ("all",)) for i, text in enumerate(texts)]


TEXT = st.text(st.sampled_from("创先争优党支部服务群众全年次第一12%，。 aＡ"), max_size=40)


@given(TEXT, TEXT)
def test_likeness_is_symmetric_and_whole_for_the_same_text(a, b):
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, a) == 1


@given(TEXT)
def test_a_signature_fits_the_database_and_forgets_figures_width_and_punctuation(text):
    assert all(-(2**63) <= value < 2**63 for value in signature(text))
    assert signature(text) == signature(f"{text}３８，".upper())


def test_a_signature_is_the_same_in_every_process_and_needs_no_django():
    code = (
        "import sys; from pledges.hints import signature; assert 'django' not in sys.modules;"
        f"print(signature({COPY!r}))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True
        )
        for seed in ("1", "2")
    ]
    assert [answer.stdout.decode().strip() for answer in told] == [str(signature(COPY))] * 2


def test_a_stored_signature_stays_good():
    """When this fails, signatures in the database no longer match new ones: recompute them in a migration."""
    assert signature(COPY)[:2] == (-6848230982961712611, -8325952043149863174)


def test_bands_find_what_is_alike_and_little_else(texts, truth):
    holders = defaultdict(list)
    for i, text in enumerate(texts):
        for band in signature(text):
            holders[band].append(i)
    shared = {pair for found in holders.values() for pair in itertools.combinations(found, 2)}
    alike = {pair for pair, score in truth.items() if score >= 0.85}
    twin = {pair for pair, score in truth.items() if score >= TWIN}
    assert len(alike) > 1000
    assert len(alike & shared) >= 0.98 * len(alike)
    assert len(twin & shared) >= 0.95 * len(twin)
    assert len(shared - set(truth)) <= 0.001 * len(texts) ** 2 / 2


def test_twins_are_those_that_comparing_every_two_finds(texts, truth):
    best = defaultdict(float)
    for (i, j), score in truth.items():
        best[i], best[j] = max(best[i], score), max(best[j], score)
    found = {pk: (twin, score) for pk, twin, score in twins(flat(texts))}
    assert all(similarity(texts[pk], texts[twin]) == score >= TWIN for pk, (twin, score) in found.items())
    sure = [pk for pk, score in best.items() if score >= 0.85]
    assert sum(pk in found for pk in sure) >= 0.98 * len(sure)
    assert sum(best[pk] - found[pk][1] for pk in sure if pk in found) <= 0.01 * len(sure)


def test_an_item_is_compared_where_it_looks_and_nowhere_else():
    """Town 2 and town 3 are below 1; 21 is below 2. Filed last year: 90 of organization 21."""
    items = [
        Item(20, COPY, (1, ("last", 2)), (1, 2)),
        Item(21, COPY.replace("6", "8"), (2, ("last", 21)), (1, 2, 21)),
        Item(22, "修好村口到小学的道路", (2, ("last", 22)), (1, 2, 22)),
        Item(30, COPY, (1, ("last", 3)), (1, 3)),
        Item(31, varied(COPY, 1, Random(1)), (3, ("last", 31)), (1, 3, 31)),
        Item(90, "修好村口到小学的道路。", (), (("last", 22),)),
        Item(91, "修好村口到小学的道路。", (), (("last", 3),)),
    ]
    found = {pk: (twin, score) for pk, twin, score in twins(items)}
    assert found[20] == (21, 1)
    assert found[21] == (20, 1)
    assert found[22] == (90, 1)
    assert found[30] == (20, 1)
    assert found[31][0] == 30
    assert TWIN <= found[31][1] < 1
    assert set(found) == {20, 21, 22, 30, 31}


def test_a_text_copied_by_thousands_is_compared_with_few(monkeypatch):
    compared = []
    monkeypatch.setattr(pairing, "overlap", lambda a, b: compared.append(1) or similarity(a, b))
    same = flat(COPY.replace("6", str(n)) for n in range(3000))
    assert [twin for _, twin, _ in twins(same)] == [1, *[0] * 2999]
    assert not compared
    random = Random(1)
    near = flat(varied(COPY, random.randint(1, 4), random) for _ in range(3000))
    assert len(list(twins(near))) > 2900
    assert len(compared) <= len(near) * 2 * pairing.NEAR * pairing.BANDS


def test_the_closest_of_some_candidates():
    assert closest(COPY, []) is None
    assert closest(COPY, [(1, "修好村口到小学的道路")]) is None
    near = varied(COPY, 2, Random(1))
    assert closest(COPY, [(1, "修好村口到小学的道路"), (2, near)]) == (2, similarity(COPY, near))
    assert closest(COPY, [(2, near), (3, COPY), (4, COPY)]) == (3, 1)


def test_what_has_no_words_is_like_nothing():
    assert signature("１２％") == ()
    assert similarity("12", COPY) == 0
    assert list(twins(flat(["12", "１２％", "", COPY]))) == []
