"""Each component draws what its attributes say, escapes what people typed, and borrows nothing from the page."""

import datetime as dt

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from portal.stylebook import LONG_NAME, USAGE

EVIL = '<script>alert("1")</script>'


def draw(text, path="/", **context):
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.session = {}
    template = engines["django"].from_string(_compiled(text))
    return " ".join(template.render(context, request).split())


def _compiled(text):
    from django_cotton.compiler_regex import CottonCompiler

    return CottonCompiler().process(text)


class SampleForm(forms.Form):
    title = forms.CharField(label="标题", max_length=20, help_text="一句话")
    body = forms.CharField(label="措施", max_length=500, widget=forms.Textarea, required=False)
    side = forms.ChoiceField(
        label="面向", choices=[("a", "向上级\n落实部署"), ("b", "向群众")], widget=forms.RadioSelect
    )
    parts = forms.MultipleChoiceField(
        label="方面",
        choices=[("1", "学习"), ("2", "服务")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="同意公开")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def form():
    return SampleForm({"title": "", "body": EVIL, "side": "b", "parts": ["2"]})


def test_a_field_ties_label_hint_and_error_to_its_control(form):
    html = draw('<c-field :field="form.title" />', form=form)
    assert '<label for="id_title">标题<span class="must">必填</span>' in html
    assert 'id="id_title_helptext">一句话' in html
    assert 'id="id_title_error">请填写标题' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_text_area_counts_its_characters_and_escapes_them(form):
    html = draw('<c-field :field="form.body" rows="6" />', form=form)
    assert f"{len(EVIL)} / 500 字" in html
    assert 'rows="6"' in html
    assert "<script>" not in html


def test_choices_are_a_fieldset_with_one_label_each(form):
    html = draw('<c-field :field="form.side" />', form=form)
    assert "<fieldset" in html
    assert "<legend>面向" in html
    assert '<label for="id_side_0">向上级<small>落实部署</small></label>' in html
    assert html.count("checked") == 1
    assert 'class="choices"' in draw('<c-field :field="form.parts" />', form=form)
    assert 'class="choices"' in draw('<c-field :field="form.side" as="choices" />', form=form)


def test_a_hidden_field_has_no_label(form):
    assert "<label" not in draw('<c-field :field="form.version" />', form=form)


def test_the_error_summary_links_to_each_control(form):
    html = draw('<c-errors :form="form" />', form=form)
    assert 'role="alert"' in html
    assert "有 2 处需要修改" in html
    assert '<a href="#id_title">请填写标题</a>' in html
    assert "请勾选“同意公开”" in html
    assert draw('<c-errors :form="form" />', form=SampleForm()) == ""


def test_every_kind_of_empty_field_is_named():
    class Empty(forms.Form):
        name = forms.CharField(label="全称")
        kind = forms.ChoiceField(label="类别", choices=[("branch", "党支部")])
        kinds = forms.MultipleChoiceField(label="方面", choices=[("1", "学习")])
        on = forms.DateField(label="成立日期")

    html = draw('<c-errors :form="form" />', form=Empty({}))
    for sentence in ("请填写全称<", "请选择类别<", "请选择方面<", "请填写成立日期<"):
        assert sentence in html


def test_a_step_without_reason_is_one_button_and_with_one_a_disclosure():
    plain = draw('<c-step url="/x/" label="保存" version="3" />')
    assert "<details" not in plain
    assert 'name="version" value="3"' in plain
    asked = draw('<c-step url="/x/" label="退回" reason="required" hint="写明哪一条" />')
    assert '<summary class="btn">退回</summary>' in asked
    assert 'name="reason"' in asked
    assert "required" in asked
    failed = draw(
        '<c-step url="/x/" label="退回" reason="required" error="请写理由" typed="{{ typed }}" />', typed=EVIL
    )
    assert "<details" in failed and " open>" in failed
    assert 'aria-invalid="true"' in failed
    assert "<script>" not in failed


def test_a_table_has_a_caption_and_scoped_heads():
    html = draw(
        '<c-table caption="各单位进度" columns="单位|支部#num"><tr><th scope="row">甲</th></tr></c-table>'
    )
    assert '<caption class="vh">各单位进度</caption>' in html
    assert '<th scope="col" class="num">支部</th>' in html


def test_figures_never_stand_without_their_denominator():
    assert "412 / 418" in draw('<c-bar done="412" total="418" label="进度" />')
    assert 'class="full"' in draw('<c-bar done="6" total="6" label="进度" />')
    assert "/ 418 个支部" in draw('<c-kpi label="方案" value="412" of="418" unit="个支部" />')


def test_pagers_show_only_when_there_is_another_page():
    many, one = Paginator(range(50), 10).page(2), Paginator(range(5), 10).page(1)
    html = draw('<c-pager :page="page" unit="份" />', path="/?q=x", page=many)
    assert 'href="?q=x&amp;page=3"' in html
    assert 'aria-current="page"' in html
    assert "共 50 份" in html
    assert draw('<c-pager :page="page" />', page=one) == ""
    assert draw("<c-keyset />") == ""
    assert "1000+" in draw('<c-keyset older="?after=9" count="1000+" />')


def test_filters_show_what_is_in_force_and_how_to_drop_it():
    class Filter(forms.Form):
        q = forms.CharField(label="名称", required=False)
        side = forms.ChoiceField(label="面向", required=False, choices=[("", "全部"), ("a", "向上级")])

    data = {"q": EVIL, "side": "a"}
    html = draw('<c-filters :form="form" />', path="/?q=x&side=a&page=4", form=Filter(data))
    assert "面向：向上级" in html
    assert 'href="?side=a"' in html
    assert "page=4" not in html
    assert "<script>" not in html
    assert "已选" not in draw('<c-filters :form="form" />', form=Filter({}))


def test_filters_of_one_field_keep_what_the_page_adds():
    class Filter(forms.Form):
        phase = forms.CharField(label="时段", required=False)

    html = draw('<c-filters :form="form"><b>党组织</b></c-filters>', form=Filter({}))
    assert html.count("<b>党组织</b>") == 1
    assert html.count("<div") == html.count("</div>")


def test_an_event_says_who_when_what_and_why():
    at = dt.datetime(2010, 8, 19, 1, 30, tzinfo=dt.UTC)
    html = draw(
        '<c-event what="退回" who="周建国" post="书记" :at="at" reason="{{ why }}" tone="bad" />',
        at=at,
        why=EVIL,
    )
    assert "2010年8月19日 09:30" in html
    assert 'class="bad"' in html
    assert "&lt;script&gt;" in html
    assert "&amp;lt;" not in html


def test_a_tree_of_81_can_be_searched_in_place_and_opens_without_script():
    html = draw(
        '<c-tree id="t" count="81"><c-tree-node name="{{ n }}" url="/o/1/" count="6" children="/o/1/below/" /></c-tree>',
        n=LONG_NAME,
    )
    assert 'data-filter-for="t"' in html
    assert "tree-cols" in html
    assert 'hx-get="/o/1/below/"' in html
    assert '<a href="/o/1/">查看 6 个下级</a>' in html
    small = draw('<c-tree id="t" count="3"><c-tree-node name="甲" url="/o/2/" /></c-tree>')
    assert "data-filter-for" not in small
    assert "<details" not in small


def test_the_picker_is_a_plain_text_field_until_script_comes():
    html = draw(
        '<c-picker name="to" label="接收党组织" url="/pick/" value="7" text="甲支部" error="请选择" />'
    )
    assert 'name="to" value="7"' in html
    assert 'name="to_q" value="甲支部"' in html
    assert 'role="combobox"' not in html
    assert 'aria-invalid="true"' in html


def test_a_task_asks_again_only_while_it_runs():
    assert "every 1s" in draw('<c-task url="/t/" label="核对" done="1" total="9" />')
    assert "hx-get" not in draw('<c-task url="/t/" label="核对" done="9" total="9" finished="true" />')


def test_the_rest_of_the_components_draw():
    assert "139****1234" in draw('<c-person name="徐丽" phone="13900001234" />')
    assert "<del>甲</del>" in draw('<c-diff old="甲" new="乙" />')
    assert "（空）" in draw('<c-diff old="" new="乙" />')
    assert "您刚写的" in draw('<c-versus mine="甲" theirs="乙" />')
    assert "还没有承诺" in draw('<c-empty title="还没有承诺">先起草。</c-empty>')
    assert 'class="note note-warn"' in draw('<c-note tone="warn">临期</c-note>')
    assert 'aria-current="true"' in draw('<c-chip href="?" label="全部" count="0" current="true" />')
    assert ">0</span>" in draw('<c-chip href="?" label="全部" count="0" />')
    assert "<h1>标题</h1>" in draw('<c-page-head title="标题" />')


def test_components_do_not_borrow_the_variables_of_the_page():
    loud = dict.fromkeys(
        ("title", "label", "tone", "actions", "foot", "meta", "icon", "reason", "url", "hint"), "泄漏"
    )
    for tag in (
        "c-card",
        "c-page-head",
        "c-pill",
        "c-note",
        "c-kpi",
        "c-empty",
        "c-step",
        "c-event",
        "c-tree-node",
    ):
        assert "泄漏" not in draw(f"<{tag}>内容</{tag}>", **loud), tag


def test_the_reference_names_every_component():
    from pathlib import Path

    told = " ".join(tag for tag, *_ in USAGE)
    files = {p.stem.replace("_", "-") for p in Path("templates/cotton").glob("*.html")} - {"messages"}
    assert {name for name in files if f"c-{name}" not in told} == set()
