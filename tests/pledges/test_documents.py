"""What is printed of pledges and plans: the words come out whole, nothing empty is left standing."""

import datetime as dt
import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from pledges.documents import (
    Approval,
    GroupMember,
    MemberItem,
    MemberLetter,
    OrganizationItem,
    OrganizationLetter,
    PlanDocument,
    PlanPhase,
    PlanTask,
    Poster,
    PosterMember,
    member_letter,
    member_letters,
    organization_letter,
    plan_document,
    poster,
)
from tests.common.word_files import W, WordFile, value

MARKET = "中共吴江市东方丝绸市场工作委员会"
BRANCH = "中共吴江市统计局支部委员会"
TRICKY = "<w:p/> & \"引\" '号' {{ 7 * 7 }} {% if %} {# #} {_{"
ITEM = OrganizationItem(
    content="办理登记由12个工作日缩短到7个工作日。",
    measures="推行预约办理和一次告知。",
    figures="基数12天，目标7天",
    beneficiaries="来办事的企业",
    responsible="张明",
    due_on=dt.date(2010, 11, 30),
)
LETTER = OrganizationLetter(
    organization=MARKET,
    round_name="2010年下半年",
    items=[ITEM, OrganizationItem(content="每月公布一次办理情况。")],
    superior="中共吴江市委员会",
    approval=Approval(opinion="同意公开。", approved_by="陆平", approved_on=dt.date(2010, 8, 25)),
    secretary="张明",
    category="服务群众",
    directions="向上级党组织、向群众",
    opening="经走访商户，现作出承诺。\n请予监督。",
    closing="以上承诺，说到做到。",
    signed_on=dt.date(2010, 8, 20),
    hotline="0512-63001234",
    opinion_box="一楼大厅",
    publicity="公示栏、门户网站",
    published_on=dt.date(2010, 8, 27),
)
BARE_LETTER = OrganizationLetter(
    organization=BRANCH, round_name="2010年下半年", items=[OrganizationItem(content="甲。")], superior=MARKET
)
MEMBER = MemberLetter(
    name="王芳",
    branch=BRANCH,
    round_name="2010年下半年",
    items=[
        MemberItem(content="每月走访2家企业。", due_on=dt.date(2010, 12, 31)),
        MemberItem(content="办结积案3件。"),
    ],
    approval=Approval(opinion="同意。", approved_by="张明", approved_on=dt.date(2010, 8, 24)),
    post="综合科科长",
    category="爱岗敬业",
    aim="让群众少跑一趟。",
    signed_on=dt.date(2010, 8, 20),
)
BARE_MEMBER = MemberLetter(
    name="李国强", branch=MARKET, round_name="2010年下半年", items=[MemberItem(content="甲。")]
)
POSTER = Poster(
    title="公开承诺公示栏",
    organization=MARKET,
    round_name="2010年下半年",
    url="https://chuangxian.example/pledges/public/1234/",
    items=[replace(ITEM, category="服务群众")],
    hotline="0512-63001234",
    opinion_box="一楼大厅",
    published_on=dt.date(2010, 8, 27),
)
PLAN = PlanDocument(
    title="吴江市统计局党支部在全体党员中深入开展创先争优活动的实施方案",
    organization=BRANCH,
    signed_on=dt.date(2010, 8, 19),
    research="走访企业32家。\n收回意见46条。",
    theme="服务发展作表率、服务基层当先进、服务群众做先锋。",
    goals="登记时间缩短到7个工作日。",
    phases=[
        PlanPhase(
            name="动员部署",
            starts_on=dt.date(2010, 8, 19),
            ends_on=dt.date(2010, 12, 31),
            work="作出公开承诺。",
        ),
        PlanPhase(name="深化提高", starts_on=dt.date(2011, 7, 1)),
    ],
    tasks=[
        PlanTask(
            task="缩短登记时间",
            measures="推行预约办理。",
            department="综合科",
            responsible="王芳",
            starts_on=dt.date(2010, 8, 20),
            due_on=dt.date(2010, 11, 30),
            completion="连续三个月不超过7个工作日。",
        ),
        PlanTask(task="走访联系企业"),
    ],
    leadership="成立领导小组。",
    first_responsible="张明",
    directly_responsible="李国强",
    leading_group=[
        GroupMember(role="组长", name="张明", post="局长"),
        GroupMember(role="成员", name="王芳", post="综合科科长"),
        GroupMember(role="成员", name="欧阳建国"),
    ],
    office="办公室设在综合科。",
)
TRICKY_ITEM = OrganizationItem(content=TRICKY, measures=TRICKY, responsible=TRICKY)
TRICKY_MEMBER = PosterMember(name=TRICKY, items=[MemberItem(content=TRICKY)])
MEMBERS = [
    PosterMember(
        name=f"张{'明' if n % 2 else '晓明'}",
        category="爱岗敬业",
        items=[MemberItem(content=f"第{n}名党员的承诺。")],
    )
    for n in range(1, 61)
]


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        (organization_letter, LETTER),
        (organization_letter, BARE_LETTER),
        (member_letters, [MEMBER, BARE_MEMBER]),
        (member_letter, replace(BARE_MEMBER, items=[], aim=" \n", approval=Approval(opinion=" \n "))),
        (poster, replace(POSTER, members=MEMBERS, hotline="", opinion_box="", published_on=None)),
        (poster, replace(POSTER, items=[], members=[PosterMember(name="王芳", items=[])])),
        (poster, replace(POSTER, items=[])),
        (plan_document, PLAN),
        (plan_document, PlanDocument(title="活动方案", organization=MARKET)),
    ],
)
def test_no_directive_is_left_and_every_cell_can_be_opened(make, facts):
    """A cell without a paragraph, or a table without one after it, is a damaged file to Word."""
    file = WordFile(make(facts))
    assert [sign for sign in ("{{", "{%", "}}", "%}", "None") if sign in file.text] == []
    assert file.paragraphs_in("模板指令") == []
    assert [cell for root in file.roots for cell in root.iter(f"{W}tc") if cell[-1].tag != f"{W}p"] == []
    assert [table for table in file.body.iter(f"{W}tbl") if table.getnext().tag != f"{W}p"] == []


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        (
            organization_letter,
            replace(LETTER, opening=TRICKY, items=[TRICKY_ITEM], approval=Approval(opinion=TRICKY)),
        ),
        (member_letter, replace(MEMBER, post=TRICKY, aim=TRICKY, items=[MemberItem(content=TRICKY)])),
        (poster, replace(POSTER, organization=TRICKY, items=[TRICKY_ITEM], hotline=TRICKY)),
        (poster, replace(POSTER, items=[], members=[TRICKY_MEMBER], opinion_box=TRICKY)),
        (
            plan_document,
            replace(PLAN, theme=TRICKY, tasks=[PlanTask(task=TRICKY, measures=TRICKY)], office=TRICKY),
        ),
    ],
)
def test_markup_stays_text(make, facts):
    assert WordFile(make(facts)).text.count(TRICKY) >= 3


# 党组织公开承诺书


def test_an_organizations_letter_says_all_it_was_given():
    file = WordFile(organization_letter(LETTER))
    assert file.paragraphs_in("Title") == [f"{MARKET}\n公开承诺书"]
    assert file.paragraphs_in("Subtitle") == ["（2010年下半年）"]
    assert file.text.split("\n")[3:18] == [
        "经走访商户，现作出承诺。",
        "请予监督。",
        "一、办理登记由12个工作日缩短到7个工作日。",
        "践诺措施：推行预约办理和一次告知。",
        "量化指标：基数12天，目标7天",
        "受益对象：来办事的企业",
        "责任人：张　明　　完成时限：2010年11月30日",
        "二、每月公布一次办理情况。",
        "以上承诺，说到做到。",
        "监督电话：0512-63001234",
        "意 见 箱：一楼大厅",
        "",
        MARKET,
        "（盖章）",
        "书记：　　　　　　（签名）",
    ]
    assert file.paragraphs_in("成文日期") == ["2010年8月20日"]
    assert file.rows() == [
        ["承诺单位", MARKET],
        ["上级党组织", "中共吴江市委员会"],
        ["书　　记", "张　明"],
        ["承诺轮次", "2010年下半年"],
        ["承诺类别", "服务群众"],
        ["承诺对象", "向上级党组织、向群众"],
        [
            "上级党组织\n审核意见",
            "同意公开。\n审核人：陆　平\n签　名：　　　　　　（盖章）\n日　期：2010年8月25日",
        ],
        ["公示方式", "公示栏、门户网站"],
        ["公示日期", "2010年8月27日"],
    ]


def test_a_letter_of_few_words_has_no_empty_headings_and_room_for_the_pen():
    file = WordFile(organization_letter(BARE_LETTER))
    labels = [
        "践诺措施",
        "量化指标",
        "受益对象",
        "责任人",
        "完成时限",
        "监督电话",
        "意 见 箱",
        "审核人",
        "公示方式",
    ]
    assert [label for label in labels if label in file.text] == []
    assert [row[0] for row in file.rows()] == [
        "承诺单位",
        "上级党组织",
        "书　　记",
        "承诺轮次",
        "上级党组织\n审核意见",
    ]
    assert file.paragraphs_in("结语") == ["以上承诺，请广大党员和群众监督。"]
    assert file.paragraphs_in("成文日期") == ["　　　　年　　月　　日"]


def test_long_names_and_long_items_come_out_whole():
    name = "中共吴江市委深入开展创先争优活动领导小组办公室支部委员会"
    contents = [f"{'走访企业并逐户答复' * 33}{n}。" for n in range(10)]
    items = [OrganizationItem(content=content, measures=content * 2) for content in contents]
    file = WordFile(organization_letter(replace(LETTER, organization=name, items=items)))
    assert file.paragraphs_in("承诺事项") == [
        f"{number}、{content}" for number, content in zip("一二三四五六七八九十", contents, strict=True)
    ]
    assert all(f"践诺措施：{content * 2}" in file.text for content in contents)
    assert file.paragraphs_in("Title")[0].replace("\n", "") == f"{name}公开承诺书"
    assert file.rows()[0] == ["承诺单位", name]


def is_kept(style):
    """Do its paragraphs stay on the page of the next one?"""
    return style.find(f"{W}pPr/{W}keepNext") is not None


@pytest.mark.parametrize(("make", "facts"), [(organization_letter, LETTER), (plan_document, PLAN)])
def test_a_signature_is_not_torn_from_its_date_nor_from_the_text(make, facts):
    file = WordFile(make(facts))
    kept = {one.get(f"{W}styleId") for one in file.styles.iter(f"{W}style") if is_kept(one)}
    paragraphs = [value(p, "pPr/pStyle") for p in file.body.findall(f"{W}body/{W}p")]
    last = paragraphs.index("SignedOn")
    first = paragraphs.index("Signature")
    assert set(paragraphs[first - 1 : last]) <= kept


# 党员公开承诺书


def test_a_members_letter_says_all_it_was_given():
    file = WordFile(member_letter(MEMBER))
    assert file.paragraphs_in("Title") == ["党员公开承诺书"]
    assert file.rows() == [
        ["姓　　名", "王　芳", "职务（岗位）", "综合科科长"],
        ["所在党支部", BRANCH],
        ["承诺类别", "爱岗敬业"],
        ["努力方向", "让群众少跑一趟。"],
        ["序号", "承诺事项和完成时限"],
        ["1", "每月走访2家企业。\n完成时限：2010年12月31日"],
        ["2", "办结积案3件。"],
        ["以上承诺，请党组织和党员、群众监督。\n承诺人签名：　　　　　　\n日　　　期：2010年8月20日"],
        [
            "党支部\n审核意见",
            "同意。\n支部书记：张　明　　签名：　　　　　　\n日　　期：2010年8月24日",
        ],
    ]


def test_a_letter_vetted_from_above_names_no_secretary_of_the_branch():
    approval = replace(MEMBER.approval, by_superior=True)
    [label, opinion] = WordFile(member_letter(replace(MEMBER, approval=approval))).rows()[-1]
    assert label == "上级党组织\n审核意见"
    assert opinion.startswith("同意。\n审核人：张　明")


def test_the_letters_of_a_branch_begin_a_page_each():
    names = ["王芳", "李国强", "欧阳建国"]
    file = WordFile(member_letters([replace(BARE_MEMBER, name=name) for name in names]))
    assert len(file.paragraphs_in("Title")) == 3
    starts = [section.find(f"{W}pgNumType").get(f"{W}start") for section in file.body.iter(f"{W}sectPr")]
    assert starts == ["1", "1", "1"]  # each letter is filed on its own
    [title] = file.styles.xpath(".//w:style[w:name/@w:val='Title']", namespaces=file.styles.nsmap)
    assert title.find(f"{W}pPr/{W}pageBreakBefore") is not None
    assert [file.rows(table)[0][1] for table in range(3)] == ["王　芳", "李国强", "欧阳建国"]
    assert all("承诺类别" not in str(file.rows(table)) for table in range(3))


def test_nobody_signs_a_sheet_without_a_pledge_on_it():
    file = WordFile(member_letter(MEMBER))
    kept = {one.get(f"{W}styleId") for one in file.styles.iter(f"{W}style") if is_kept(one)}
    *_, last_item, vow, _ = file.body.iter(f"{W}tr")
    styles = {value(p, "pPr/pStyle") for row in (last_item, vow) for p in row.iter(f"{W}p")}
    assert styles <= kept


# 公示栏


def test_the_poster_of_an_organization():
    file = WordFile(poster(POSTER))
    assert (file.page()["width"], file.page()["height"]) == (420, 297)
    assert file.paragraphs_in("Subtitle") == [f"{MARKET}　2010年下半年"]
    assert file.rows() == [
        ["序号", "承诺类别", "承诺事项", "责任人", "完成时限"],
        [
            "1",
            "服务群众",
            f"{ITEM.content}\n践诺措施：{ITEM.measures}\n量化指标：{ITEM.figures}",
            "张　明",
            "2010年11月30日",
        ],
    ]
    for words in ("监督电话：0512-63001234", "意 见 箱：一楼大厅", "公示日期：2010年8月27日"):
        assert words in file.text


def test_sixty_members_flow_over_sheets_under_a_heading_that_is_repeated():
    file = WordFile(
        poster(replace(POSTER, items=[], members=MEMBERS, hotline="", opinion_box="", published_on=None))
    )
    heading, *rows = file.rows()
    assert heading == ["序号", "姓名", "承诺类别", "承诺事项", "完成时限"]
    assert rows == [
        [str(n), "张　明" if n % 2 else "张晓明", "爱岗敬业", f"第{n}名党员的承诺。", ""]
        for n in range(1, 61)
    ]
    repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in file.body.iter(f"{W}tr")]
    assert repeated == [True] + 60 * [False]
    assert not any(words in file.text for words in ("监督电话", "意 见 箱", "公示日期"))


def test_the_items_of_a_member_and_their_dates_are_told_apart():
    def shown(*items):
        member = PosterMember(
            name="王芳", items=[MemberItem(content=words, due_on=on) for words, on in items]
        )
        return WordFile(poster(replace(POSTER, items=[], members=[member]))).rows()[1][3:]

    may, july = dt.date(2011, 5, 1), dt.date(2011, 7, 1)
    assert shown(("甲。", may)) == ["甲。", "2011年5月1日"]
    assert shown(("甲。", may), ("乙。", may)) == ["①甲。\n②乙。", "2011年5月1日"]
    assert shown(("甲。", may), ("乙。", july)) == ["①甲。\n②乙。", "①2011年5月1日\n②2011年7月1日"]
    assert shown(("甲。", may), ("乙。", None)) == ["①甲。\n②乙。", "①2011年5月1日\n②"]


def test_long_items_of_a_member_stand_in_rows_that_fit_on_the_first_sheet():
    """A row is never torn: one of three times 300 characters would leave the first sheet empty."""
    long = [MemberItem(content=f"{n}" * 300, due_on=dt.date(2011, 5, n)) for n in (1, 2, 3)]
    members = [
        PosterMember(name="王芳", items=long, category="爱岗敬业"),
        PosterMember(name="李国强", items=[MemberItem(content="甲。")]),
    ]
    assert WordFile(poster(replace(POSTER, items=[], members=members))).rows()[1:] == [
        ["1", "王　芳", "爱岗敬业", f"①{'1' * 300}", "2011年5月1日"],
        ["1", "王　芳", "爱岗敬业", f"②{'2' * 300}", "2011年5月2日"],
        ["1", "王　芳", "爱岗敬业", f"③{'3' * 300}", "2011年5月3日"],
        ["2", "李国强", "", "甲。", ""],
    ]


def test_few_words_are_set_in_large_type():
    few, many = WordFile(poster(POSTER)), WordFile(poster(replace(POSTER, items=7 * [ITEM])))
    assert few.paragraphs_in("公示文字（大字）")
    assert not few.paragraphs_in("公示文字")
    assert many.paragraphs_in("公示文字")
    assert not many.paragraphs_in("公示文字（大字）")


def test_both_tables_have_their_titles_and_one_has_none():
    both = WordFile(poster(replace(POSTER, members=MEMBERS[:3])))
    assert both.paragraphs_in("表格标题") == ["党组织承诺事项", "党员承诺事项"]
    assert WordFile(poster(POSTER)).paragraphs_in("表格标题") == []


def test_the_qr_code_of_a_poster_leads_to_the_address_beneath_it():
    file = WordFile(poster(POSTER))
    footer = file.footers["default"]
    [blip] = footer.xpath("//*[local-name()='blip']")
    picture = file.target_of(next(iter(blip.attrib.values())), part=_part_of(file))
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(file.parts[picture])))
    assert [code.text for code in codes] == [POSTER.url]
    words = [line for line in file.text.split("\n") if line]
    assert words[words.index("扫码查看并监督") + 1] == POSTER.url


def _part_of(file):
    [reference] = file.body.iter(f"{W}footerReference")
    return file.target_of(next(one for name, one in reference.attrib.items() if name.endswith("}id")))


# 活动方案


def test_a_plan_has_its_parts_in_order_with_all_that_was_said():
    file = WordFile(plan_document(PLAN))
    assert file.paragraphs_in("Title") == ["吴江市统计局党支部在全体党员中\n深入开展创先争优活动的实施方案"]
    assert file.paragraphs_in("heading 1") == [
        "一、调研基础", "二、主题", "三、创先目标", "四、时间进度", "五、重点任务和具体措施", "六、组织领导",
    ]  # fmt: skip
    assert file.paragraphs_in("heading 2") == [
        "（一）动员部署",
        "（二）深化提高",
        "（一）缩短登记时间",
        "（二）走访联系企业",
    ]
    said = file.text.split("\n")
    assert said[said.index("四、时间进度") : said.index("六、组织领导")] == [
        "四、时间进度",
        "（一）动员部署",
        "起止时间：2010年8月19日至12月31日",
        "作出公开承诺。",
        "（二）深化提高",
        "起止时间：2011年7月1日起",
        "五、重点任务和具体措施",
        "（一）缩短登记时间",
        "推行预约办理。",
        "责任部门：综合科　　责任人：王　芳",
        "起止时间：2010年8月20日至11月30日",
        "完成标志：连续三个月不超过7个工作日。",
        "（二）走访联系企业",
    ]
    assert said[said.index("六、组织领导") + 1 :][:11] == [
        "成立领导小组。",
        "第一责任人：张　明",
        "直接责任人：李国强",
        "领导小组名单：",
        "组　长：\t张　明\t局长",
        "成　员：\t王　芳\t综合科科长",
        "\t欧阳建国\t",
        "办公室设在综合科。",
        "",
        BRANCH,
        "2010年8月19日",
    ]


def test_parts_without_text_are_left_out_and_the_others_move_up():
    plan = PlanDocument(title="活动方案", organization=MARKET, research=" \n", goals="甲。", tasks=PLAN.tasks)
    file = WordFile(plan_document(plan))
    assert file.paragraphs_in("heading 1") == ["一、创先目标", "二、重点任务和具体措施"]
    assert file.paragraphs_in("成文日期") == ["　　　　年　　月　　日"]
    assert "领导小组" not in file.text
