"""Sample content of the component page: invented, and reached in the demo only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest  # noqa: TID251 -- the filter of the page reads its query
from django.utils import timezone

from portal import navigation

LONG_NAME = "中共吴江市东方丝绸市场工作委员会直属机关第二联合党支部委员会"


class FilterForm(forms.Form):
    q = forms.CharField(label="名称", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), ("branch", "党支部"), ("committee", "党委")]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("late", "逾期"), ("done", "已完成")]
    )


class PledgeForm(forms.Form):
    title = forms.CharField(label="承诺标题", max_length=40, help_text="一句话说清要做什么")
    grade = forms.ChoiceField(
        label="面向",
        widget=forms.RadioSelect,
        choices=[
            ("up", "向上级\n落实工作部署"),
            ("party", "向党组织\n党员自我要求"),
            ("people", "向群众\n服务和监督"),
        ],
    )
    content = forms.CharField(
        label="措施",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写具体做法，便于检查",
    )
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("service", "服务群众好")])
    themes = forms.MultipleChoiceField(
        label="涉及方面",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("1", "注重学习型党组织建设"),
            ("2", "注重服务群众"),
            ("3", "注重制度建设"),
            ("4", "注重作风建设"),
        ],
    )
    due_on = forms.DateField(
        label="完成期限", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    scope = forms.BooleanField(label="同意在网上公开", help_text="公开前由领导小组办公室主任审定")


# (component, attributes, what for): the reference for those who build pages.
USAGE = [
    ("c-page-head", 'title="" sub=""；插槽 actions、pills', "页面标题、说明、右侧按钮"),
    ("c-crumbs", "插槽：<li> 列表，末项 aria-current", "所在位置，放进 {% block crumbs %}"),
    ("c-card", 'title="" meta="" id="" flush="true"；插槽 actions、foot', "卡片；flush 时内容不留内边距"),
    ("c-pill", 'tone="ok|warn|bad|info"', "状态，颜色之外还有形状"),
    ("c-note", 'tone="ok|warn|bad|info"', "提示，不写 tone 为一般说明"),
    ("c-kpis · c-kpi", 'label="" value="" of="" unit="" note="" tone="good|poor"', "关键数据，必有分母"),
    ("c-steps", ':steps="list" 每项 name window state(done|now|next) note', "活动环节"),
    ("c-bar", 'done="" total="" label="" low=""', "一行之内的进度"),
    ("c-task", 'url="" done="" total="" label="" finished="" id=""', "后台任务，htmx 每秒取一次 url"),
    ("c-chip", 'href="" label="" count="" current=""', "带数目的分类链接，放进 .chips"),
    ("c-filters", ':form="form"（GET 表单）', "筛选；第一个字段最宽，其余在手机上收起"),
    ("c-table", 'caption="" columns="单位|支部#num|状态#st"', "表格；td 写 data-l，手机上成卡片，.st 在右上角"),
    ("c-pager", ':page="page_obj" unit="份"', "按页码翻页"),
    ("c-keyset", 'newer="" older="" count="" unit=""', "按先后翻页，较新、较早的地址由视图给"),
    ("c-errors", ':form="form" :formset="formset"', "表单上方的错误汇总，得到焦点"),
    ("c-field", ':field="form.title" rows="" hint="" as="choices"', "任何字段；单选成卡片，as 改成列表"),
    ("c-picker", 'name="" label="" url="" value="" text="" required="" error=""', "选党组织；无脚本时提交 NAME_q"),
    ("c-step", 'url="" label="" tone="primary|danger" icon="" reason="required|optional" confirm="" hint="" version=""；插槽为附加字段', "办理步骤，理由字段名 reason"),
    ("c-timeline · c-event", 'what="" who="" post="" :at="" tone="" reason=""', "办理记录"),
    ("c-empty", 'title="" icon=""；插槽 actions', "没有内容时：是什么、下一步做什么"),
    ("c-person", 'name="" post="" organization="" phone=""', "一行写一个人，电话自动遮盖"),
    ("c-diff", 'old="" new=""', "原值与新值"),
    ("c-versus", 'mine="" theirs="" mine_label="" theirs_label=""', "两份文字并排"),
    ("c-tree · c-tree-node", 'id="" label="" count="" flat="true"（没有可展开的）；name="" url="" children="" count="" meta=""', "组织树；children 为 htmx 取下级的地址"),
    ("cn_date cn_day cn_month cn_datetime", "{{ day|cn_date }}", "2010年8月19日"),
    ("of capped mask_phone", "{{ done|of:total }}", "412 / 418、1000+、139****1234"),
    ("percent_of icon", '{% percent_of done total %} {% icon "home" %}', "带算式的百分比、图标"),
]  # fmt: skip


def _sample_form() -> PledgeForm:
    typed = {
        "title": "推行“一窗受理”",
        "grade": "people",
        "content": "",
        "category": "service",
        "themes": ["2"],
    }
    return PledgeForm(typed)


def _events() -> list[dict[str, Any]]:
    start = timezone.make_aware(dt.datetime(2010, 8, 19, 9, 30))  # noqa: DTZ001 -- made aware here
    steps = [
        (
            "退回修改",
            "周建国",
            "市直机关党工委 书记",
            "bad",
            "第 2 条没有写完成时间；责任人写到人，不写“全体党员”。",
        ),
        ("报送上级", "王卫东", f"{LONG_NAME} 书记", "info", ""),
        ("修改草稿", "徐丽", "联络员", "", ""),
        ("起草", "徐丽", "联络员", "", ""),
    ]
    return [
        {
            "what": what,
            "who": who,
            "post": post,
            "tone": tone,
            "reason": reason,
            "at": start - dt.timedelta(hours=5 * i),
        }
        for i, (what, who, post, tone, reason) in enumerate(steps)
    ]


def _rows() -> list[dict[str, Any]]:
    table = [
        ("市委办公室党总支", "王卫东", 6, 6, 6, "ok", "按期"),
        (LONG_NAME, "李国平", 14, 13, 9, "info", "进行中"),
        ("市人力资源和社会保障局党委", "赵敏", 11, 8, 5, "warn", "临期 2 天"),
        ("经济开发区党工委", "沈建华", 23, 9, 0, "bad", "逾期 3 天"),
    ]
    keys = ("name", "lead", "total", "done", "reviewed", "tone", "state")
    return [dict(zip(keys, row, strict=True)) | {"low": "1" if row[5] == "bad" else ""} for row in table]


def _icons() -> list[str]:
    return re.findall(r'<symbol id="(\w+)"', (settings.BASE_DIR / "static/cx/icons.svg").read_text())


def samples(request: HttpRequest) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "long_name": LONG_NAME,
        "today": today,
        "now": timezone.now(),
        "steps": [
            {"name": "公开承诺", "window": "8月19日—9月10日", "state": "done", "note": "402 / 418 个支部"},
            {"name": "领导点评", "window": "9月11日—12月31日", "state": "now", "note": "171 / 418 个支部"},
            {"name": "群众评议", "window": "11月1日—12月15日", "state": "next", "note": "未开始"},
            {"name": "评选表彰", "window": "2011年6月", "state": "next", "note": "未开始"},
        ],
        "events": _events(),
        "rows": _rows(),
        "filter_form": FilterForm(request.GET or {"kind": "branch"}),
        "page": Paginator(range(381), 20).get_page(request.GET.get("page", 5)),
        "todo": [
            {"what": "审核 2 份承诺", "note": "市交通运输局、市水利局报送", "tone": "warn", "when": "今日截止"},
            {"what": f"催报：{LONG_NAME}", "note": "已逾期 3 个工作日", "tone": "bad", "when": "逾期"},
            {"what": "核对党员名册", "note": "每年 6 月底前核对一次", "tone": "info", "when": "可办理"},
        ],
        "tiles": [
            {"kind": "党组织承诺", "title": "推行“一窗受理”，办事等候不超过十五分钟", "body": "设立党员示范窗口四个，事项由一个窗口统一受理；每月公布平均等候时间，超时的当日说明原因并由值班领导回访。", "organization": "市国税局第二税务分局党支部", "day": today},
            {"kind": "党组织承诺", "title": "农村客运班线准点率提高到百分之九十五", "body": "调整早晚高峰班次，增设便民候车点十二处，候车点公布监督电话。", "organization": LONG_NAME, "day": today},
            {"kind": "党组织承诺", "title": "结对走访困难企业六家", "body": "每季度走访不少于两次，三十个工作日内答复办理情况。", "organization": "经济开发区招商局党支部", "day": today},
        ],
        "form": _sample_form(),
        "usage": [{"tag": tag, "attributes": attributes, "what": what} for tag, attributes, what in USAGE],
        "icons": _icons(),
        "pick_url": navigation.url_of("organizations:pick"),
        "siblings": [
            {"name": LONG_NAME if i == 3 else f"第{i}镇机关党支部", "count": 6 if i % 9 == 0 else 0}
            for i in range(1, 82)
        ],
    }  # fmt: skip
