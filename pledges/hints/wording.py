"""Can anybody check later what an item says? (domain.md 1.6: "这算什么承诺", 1.2: 具体、可操作、可考核)

Words are taken away until only those that count are left: an idiom with a numeral in it is no figure, a date is
no figure either. When in doubt there is no hint: one that cries wolf is not read the next time.
"""

from __future__ import annotations

import re

from common.text import fold


def _any(words: str) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(sorted(words.split(), key=len, reverse=True))


NUMERALS = "〇零一二三四五六七八九十百千万亿两"
# Numerals that count nothing: names, numbers of a list, telephones and sayings (三会一课, 五个表率, 一次性告知).
_NO_FIGURE = re.compile(
    r"(?:^|(?<=[\s。;,:(]))\(?\d{1,2}[.、)](?!\d)|\d{7,}|12345|12315|1(?:10|19|20)(?=热线|平台|报警|指挥|急救|接)"
    rf"|iso\d+|[1-5]a级?|第[\d{NUMERALS}]+(?!季度)|[一两三四五六]个?[^日天周旬月季年]一[^次名个件]|十分(?!钟|之)"
    r"|一[个支名](?=好|良好|新|过硬|合格|优秀|高素质|团结)|[两三四五六七八九十][个项]?(?:表率|注重|带头|代表|意识|维护|自信"
    r"|作用|能力|坚持|到位|延伸|满意|转变|方面|结合|确保|规定|贴近|走进|服务(?![点站])|好(?!的)|公(?![里斤顷])|农(?!户)"
    r"|小(?!时)|新(?![建增])|[争比严资风产保委手])|"
    + _any(
        "一次性 一次办 一条龙 一条心 一条线 一件事 一家人 一家亲 一本通 一个样 一天比一天 万分 百姓 百货 百科 百年 百花 "
        "千家万户 万家 千方百计 千万别 万一 万无一失 四套班子 三支一扶 十二五 十三五 十四五 十五五 十佳 二手 二维 三轮 三甲 "
        "二次供水"
    )
)
_FIGURE = re.compile(
    r"\d|[二三四五六七八九十百千万亿两]|一[次个项件户人名位条篇期场天日周月年家处份本套座间所台辆亩遍册轮节堂届支队村半倍]"
    r"|半(?:数|天|小时|个?月|年)|[过减]半|翻.?番|零(?:差错|投诉|积压|延误|事故|违纪|违法|上访|发案|失误|缺席|拖欠)|[为归清]零"
)
_DATE = re.compile(
    r"(?:19|20)\d\d年?|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号])?"
    r"|\d{1,2}[日号](?=前|之前|以前|起)|[一二三四1-4]季度|[上下]半年|周末|(?:周|星期)[一二三四五六日]"
    r"|每个?(?:工作日|半月|半年|两周|学期|星期|[日天晚周旬月季年逢])|[逐按][日周月季年]|一[日天周旬月季年]一"
    r"|当[天日场周月年]|即日|次日|同日|"
    + _any(
        "年底 年末 年中 年内 年初 岁末 月底 月末 月初 月内 周内 季末 期末 学期 寒假 暑假 汛前 汛期 节前 节后 春节 元旦 清明 "
        "端午 五一 七一 八一 十一前 国庆 中秋 重阳 教师节 高考 中考 开学 征期 春耕 夏收 秋收 三夏 双抢 入冬 入汛 节假日 "
        "双休日 午间 夜间"
    )
)
# Who is reached is told without a figure.
_COVERED = re.compile(
    r"全部|全覆盖|全员|所有|逐[一个户件项条人村校]|每一?[名位户个件项条人村家所校场份]|人人|户户|家家"
    r"|应.尽|无休|全天候|随到随|不间断|立等"
)
_COMPARED = re.compile(
    r"(?:[比较](?:去年|上年|往年|前年|以往|以前|过去)|同比|有所|明显|大幅|显著|逐年)[^,。;]{0,6}?"
    r"(?:提高|提升|增加|增长|上升|降低|下降|减少|压缩|缩短|节约|好转|改善|增强|改进)"
)
# A direction (努力, 加强), not a thing to do.
_DIRECTION = re.compile(
    _any(
        "努力 加强 提高 提升 进一步 做好 搞好 抓好 抓实 推进 推动 深化 不断 认真 切实 扎实 积极 大力 全面 深入 持续 继续 "
        "始终 坚持 强化 增强 改进 优化 促进 严格 狠抓 着力 充分 高度 重视 注重 树立 发挥 营造 确保 保持 转变 力争 争做 "
        "争当 争创 牢固 自觉 主动 热情 加大 加快 贯彻 更好 更加 踏实 勤奋 刻苦 尽职尽责 尽心尽力 爱岗敬业 求真务实 "
        "开拓创新 开拓进取 与时俱进 团结协作 恪尽职守 一心一意 全心全意 千方百计"
    )
)
# What such directions are said of: nothing that one could look at.
_ABSTRACT = re.compile(
    _any(
        "工作 服务 水平 质量 效率 效能 能力 本领 素质 意识 作风 建设 队伍 班子 领导 党员 干部 职工 群众 人民 本职 岗位 思想 "
        "政治 理论 学习 业务 知识 管理 制度 机制 力度 作用 环境 形象 氛围 大局 全局 中心 发展 责任心 责任感 责任 精神 宗旨 "
        "党性 修养 觉悟 先进性 模范 先锋 带头 表率 廉洁 自律 廉政 勤政 党风 和谐 科学 各项 有关 相关 自身 自己 单位 机关 部门 "
        "党支部 支部 党组织 组织 基层 社会 满意度 满意 积极性 创造性 凝聚力 战斗力 执行力 新台阶 新局面 新突破 成效 实效 "
        "效果 任务 目标 要求 关系 综合 整体 统筹 创新 规范 有效 落实 完善 健全 落到实处 到位 今年 全年 "
        "年度 经济 事业 贡献 优质 优良 良好 十分 基础 业绩 三会一课 一盘棋 一流 一个 的 地 得 和 与 及 为 以 在 对 把 将 使 让 到 上 中 新 更 我 本 好 高 强 实 各 等 全"
    )
)


def vague(content: str, measures: str = "", *, target: str = "", due_on: str = "") -> list[str]:
    """Hints for the writer and the reviewer, in whole sentences; they never block. None for an empty item.

    ``target`` and ``due_on`` are the item's own fields. A day in ``due_on`` does where the words name a thing
    to do (修好道路), not where they name a direction: 大力发展农业 is as vague with the last of December.
    """
    words = re.sub("[①-⒛㈠-㈩]", " ", f"{content}\n{measures}")
    plain = _NO_FIGURE.sub(" ", fold(words))
    undated = _DATE.sub(" ", plain)
    if not content.strip() or _FIGURE.search(undated) or re.search(rf"[\d{NUMERALS}]", fold(target)):
        return []
    found = []
    directions = "".join(f"“{word}”" for word in list(dict.fromkeys(_DIRECTION.findall(content)))[:2])
    if directions and _only_directions(undated):
        found.append(f"{directions}说的是方向，还看不出具体做哪件事。请再写清做什么、为谁做、做到什么程度。")
    if compared := _COMPARED.search(plain):
        found.append(f"写了“{compared[0]}”，没有写变化多少。请补上原来的基数和今年的目标值，年底才好对照。")
    if not found and undated == plain and not _COVERED.search(undated):
        if not due_on.strip():
            found.append("这一项没有写数量，也没有写时间。请写明做多少、何时做到，例如“全年上门办税十二次”。")
        elif directions:
            found.append(f"写了{directions}，没有写数量。请写明做多少，例如“全年上门办税十二次”。")
    return found


def _only_directions(words: str) -> bool:
    """Two characters are left over in no clause: 防汛 of 认真做好防汛工作 is still no promise, 河道保洁 is one."""
    return all(len(_ABSTRACT.sub("", _DIRECTION.sub("", clause))) <= 2 for clause in re.split(r"\W+", words))
