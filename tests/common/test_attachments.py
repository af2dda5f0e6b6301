"""What people attach is kept when it is harmless, and refused in one sentence when it is anything else."""

import hashlib
import io
import zipfile
import zlib

import docx
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from common.attachments import FILE_BYTES, AttachmentRefused, Clean, checked, headers, pictures
from tests.common.test_spreadsheets_reader import zipped

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def keep(name, content):
    return checked(SimpleUploadedFile(name, content))


def refusal(name, content):
    with pytest.raises(AttachmentRefused) as refused:
        keep(name, content)
    text = str(refused.value)
    assert text.startswith("附件“")
    assert "请" in text or "可以上传" in text, "says what to do"
    assert "。。" not in text
    return text


def picture(form="JPEG", size=(60, 40), mode="RGB", **saved):
    """Red, with a blue corner at the upper left."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 3, size[1] // 3))
    out = io.BytesIO()
    image.convert(mode).save(out, form, **saved)
    return out.getvalue()


def opened(clean):
    return Image.open(io.BytesIO(clean.content))


def is_blue(colour):
    return colour[2] > 150 > colour[0]


def word():
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("推荐材料")
    document.save(out)
    return out.getvalue()


def excel():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def entries(document):
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(document, **parts):
    """The document with parts added or changed; "__" in a keyword stands for "/", "_dot_" for "."."""
    renamed = {name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()}
    return zipped({**entries(document), **renamed})


def relation(kind, target, mode="External"):
    return (
        f'<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="rId1" Type="{OFFICE}/{kind}" '
        f'Target="{target}" TargetMode="{mode}"/></Relationships>'
    )


def pdf(*objects):
    return b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n" + b"\n".join(objects) + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def stream(content, entries=b""):
    return b"9 0 obj <<%s /Filter /FlateDecode>> stream\r\n%s\r\nendstream endobj" % (
        entries,
        zlib.compress(content),
    )


CATALOG = b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj"


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("现场.jpg", picture(), "image/jpeg"),
        ("现场.JPEG", picture(), "image/jpeg"),
        ("截图.png", picture("PNG"), "image/png"),
        ("材料.docx", word(), WORD_TYPE),
        ("名单.xlsx", excel(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("方案.pdf", pdf(CATALOG, stream(b"BT (/JavaScript is only text here) Tj ET")), "application/pdf"),
        ("方案.pdf", pdf(CATALOG, stream(b"1 0 <</Type /Pages>>", b"/Type /ObjStm")), "application/pdf"),
    ],
)
def test_the_five_kinds_are_kept(name, content, content_type):
    clean = keep(name, content)
    assert clean.content_type == content_type
    assert clean.sha256 == hashlib.sha256(clean.content).hexdigest()
    if not content_type.startswith("image/"):
        assert clean.content == content


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("..\\..\\etc/先进 事迹 .DOCX", "先进 事迹.docx"),
        ("C:\\fakepath\\材料.docx", "材料.docx"),
        ("材料\u202excod.docx", "材料xcod.docx"),
        ('a<b>"c"|d?.docx', "a_b__c__d_.docx"),
        ("a\r\nSet-Cookie: x.docx", "aSet-Cookie_ x.docx"),
        ("长" * 200 + ".docx", "长" * 80 + ".docx"),
    ],
)
def test_the_name_is_fit_to_be_shown_and_saved(sent, shown):
    upload = SimpleUploadedFile("x.docx", word())
    upload._name = sent  # as another client of the service may give it; Django's own parser takes folders off
    assert checked(upload).name == shown


def test_a_picture_loses_place_comment_profile_and_text_and_keeps_its_looks():
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[2] = (31.0, 9.0, 36.0)
    photo = picture(
        exif=exif, comment=b"SecretComment", icc_profile=b"SecretProfile", xmp=b"<x>SecretXmp</x>"
    )
    assert all(word in photo for word in [b"SecretMaker", b"SecretComment", b"SecretProfile", b"SecretXmp"])
    clean = keep("现场.jpg", photo + b"SecretTail")
    assert b"Secret" not in clean.content
    assert not opened(clean).getexif()
    assert is_blue(opened(clean).getpixel((5, 5)))

    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "SecretAuthor")
    clean = keep("截图.png", picture("PNG", mode="RGBA", pnginfo=text, exif=exif))
    assert b"Secret" not in clean.content
    assert opened(clean).mode == "RGBA"


@pytest.mark.parametrize(
    ("orientation", "blue"), [(3, "lower right"), (6, "upper right"), (8, "lower left"), (5, "upper left")]
)
def test_a_picture_stands_upright(orientation, blue):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = opened(keep("现场.jpg", picture(exif=exif)))
    assert upright.size == ((60, 40) if orientation == 3 else (40, 60))
    x = 5 if "left" in blue else upright.width - 5
    y = 5 if "upper" in blue else upright.height - 5
    assert is_blue(upright.getpixel((x, y)))


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    assert opened(keep("现场.jpg", picture(size=(6000, 1500)))).size == (3000, 750)
    assert opened(keep("截图.png", picture("PNG", size=(100, 4000), mode="P"))).size == (75, 3000)


def test_sixteen_grey_bits_become_eight_and_not_white():
    grey = Image.new("I;16", (10, 10), 0x4000)
    out = io.BytesIO()
    grey.save(out, "PNG")
    assert opened(keep("扫描.png", out.getvalue())).getpixel((0, 0)) == 0x40


@pytest.mark.parametrize(
    ("size", "why"), [((6000, 5001), "3000 万"), ((30_000, 10_000), "3000 万"), ((30_000, 30_000), "3000 万")]
)
def test_a_picture_that_would_unfold_too_far_is_not_unfolded(size, why, monkeypatch):
    monkeypatch.setattr(pictures, "_written", lambda *args: pytest.fail("decoded"))
    header = b"IHDR" + size[0].to_bytes(4) + size[1].to_bytes(4) + b"\x08\x02\0\0\0"
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + zlib.crc32(header).to_bytes(4)
    end = b"\0\0\0\0IDAT" + zlib.crc32(b"IDAT").to_bytes(4)
    assert why in refusal("截图.png", bomb + end)


def test_what_is_too_large_or_empty_is_told_so():
    assert "有 10.0 MB，超过 10 MB 的上限" in refusal("现场.jpg", picture() + b"\0" * FILE_BYTES)
    assert "是空的" in refusal("现场.jpg", b"")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("材料.doc", word(), "另存为 .docx"),
        ("名单.xls", excel(), "另存为 .xlsx"),
        ("材料.docm", word(), "带宏的 Word 文档"),
        ("照片.heic", picture(), "兼容性最佳"),
        ("材料.zip", word(), "先解压"),
        ("材料.pdf.exe", pdf(CATALOG), "“程序”"),
        ("无扩展名", picture(), "类型不能接收"),
        (".docx", word(), "类型不能接收"),
        ("材料.html", b"<html>", "“网页”"),
        ("现场.jpg", picture("PNG"), "内容却是“PNG 图片”"),
        ("现场.png", picture("GIF"), "内容却是“GIF 图片”"),
        ("现场.jpg", b"\0\0\0\x18ftypheix\0\0\0\0mif1heix", "HEIC 照片”"),
        ("现场.jpg", picture()[:300], "无法打开"),
        ("现场.jpg", b"no picture at all", "内容不是 JPG 图片"),
        ("方案.pdf", b"MZ\x90\0" + b"\0" * 200, "内容却是“程序”"),
        ("方案.pdf", b"<html><script>alert(1)</script>", "内容却是“网页”"),
        ("方案.pdf", word(), "Office 文件或压缩包"),
        ("材料.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "设有打开密码"),
        ("材料.docx", pdf(CATALOG), "扩展名改成 .pdf"),
        ("材料.docx", excel(), "内容不是 Word 文档"),
        ("名单.xlsx", word(), "内容不是 Excel 工作簿"),
        ("材料.docx", zipped({"a.txt": "a"}), "是压缩包"),
        ("材料.docx", word()[:3000], "已损坏或没有传完"),
    ],
)
def test_name_and_content_must_agree(name, content, why):
    assert why in refusal(name, content)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (changed(word(), word__vbaProject_dot_bin=b"macro"), "带有宏"),
        (changed(word(), word__innocent_dot_bin=b"macro", word__rels_dot_rels=relation("vbaProject", "innocent.bin", "Internal")), "带有宏"),
        (
            changed(
                word(),
                **{
                    "[Content_Types].xml": entries(word())["[Content_Types].xml"].replace(
                        WORD_TYPE.encode() + b".main", b"application/vnd.ms-word.document.macroEnabled.main"
                    )
                },
            ),
            "带有宏",
        ),
        (changed(word(), word___rels__settings_dot_xml_dot_rels=relation("attachedTemplate", "https://evil.example/a.dotm")), "引用了外部"),
        (changed(word(), word___rels__settings_dot_xml_dot_RELS=relation("attachedTemplate", "file:///a", "external")), "引用了外部"),
        (changed(word(), word___rels__footer_dot_xml_dot_rels=relation("image", "https://evil.example/seen.png")), "引用了外部"),
        (changed(word(), word__embeddings__oleObject1_dot_bin=b"program"), "嵌有其他文件"),
        (changed(word(), word___rels__a_dot_xml_dot_rels='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "不规范"),
        (changed(word(), word___rels__a_dot_xml_dot_rels="<a>"), "已损坏"),
        (changed(word(), word__document_dot_xml=b" " * 40 * 1024 * 1024), "解开后过大"),
        (changed(word(), **{f"word__{number}": b"" for number in range(250)}), "部件过多"),
    ],
)  # fmt: skip
def test_a_document_that_acts_on_being_opened_is_refused(document, why):
    assert why in refusal("材料.docx", document)


def test_links_that_a_reader_clicks_are_left_alone():
    linked = changed(
        word(), word___rels__document2_dot_xml_dot_rels=relation("hyperlink", "https://a.example")
    )
    assert keep("材料.docx", linked).content == linked


def test_a_workbook_that_draws_on_other_files_is_refused():
    drawing = changed(
        excel(), xl__externalLinks__externalLink1_dot_xml="<externalLink><ddeLink/></externalLink>"
    )
    assert "断开链接" in refusal("名单.xlsx", drawing)


SCRIPT = b"3 0 <</S /JavaScript /JS (app.alert\\(1\\))>>"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf(CATALOG, b"3 0 obj <</S /JavaScript /JS (app.alert\\(1\\))>> endobj"), "脚本"),
        (pdf(CATALOG, b"3 0 obj <</S/J#61v#61Script/JS(x)>> endobj"), "脚本"),
        (pdf(CATALOG, b"3 0 obj <</S /Launch /F (cmd.exe)>> endobj"), "启动程序"),
        (pdf(CATALOG, b"3 0 obj <</S /L#61unc#68 /F (cmd.exe)>> endobj"), "启动程序"),
        (pdf(CATALOG, stream(SCRIPT, b"/Type /ObjStm /N 1 /First 4")), "脚本"),
        (pdf(CATALOG, stream(SCRIPT, b"/Type /Obj#53tm /X (stream 0) /N 1 /First 4")), "不规范"),
        (pdf(CATALOG, stream(SCRIPT, b"/X (stream 0)")), "脚本"),
        (pdf(CATALOG, stream(zlib.compress(SCRIPT), b"/Type /ObjStm")), "不规范"),
        (pdf(CATALOG, stream(SCRIPT, b"/Type /ObjStm").replace(b"x\x9c", b"\0\0")), "不规范"),
        (pdf(CATALOG, *[stream(b"1 2 " + b" " * 30 * 1024 * 1024)] * 3), "不规范"),
        (pdf(CATALOG, b"trailer <</Encrypt 5 0 R>>"), "设有密码"),
    ],
)
def test_a_pdf_that_acts_by_itself_or_cannot_be_looked_into_is_refused(content, why):
    assert why in refusal("方案.pdf", content)


def test_other_names_in_a_pdf_are_no_reason_to_refuse_it():
    content = pdf(
        CATALOG, b"3 0 obj <</LaunchPad 1 /Type /Annot /A <</S /URI /URI (https://a.example)>>>> endobj"
    )
    assert keep("方案.pdf", content).content == content


SAMPLES = [
    ("a.jpg", picture()),
    ("a.png", picture("PNG")),
    ("a.docx", word()),
    ("a.pdf", pdf(CATALOG, stream(SCRIPT))),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sample=st.sampled_from(SAMPLES),
    place=st.floats(0, 1, exclude_max=True),
    noise=st.binary(max_size=40),
    is_cut=st.booleans(),
)
def test_whatever_is_broken_is_kept_or_refused_and_nothing_else(sample, place, noise, is_cut):
    name, content = sample
    at = int(place * len(content))
    try:
        clean = keep(name, content[:at] + noise + (b"" if is_cut else content[at + len(noise) :]))
    except AttachmentRefused as refused:
        assert str(refused).startswith("附件“")
    else:
        assert isinstance(clean, Clean)


def test_it_is_handed_out_as_a_file_and_never_as_a_page():
    answer = HttpResponse(b"x", headers=headers(keep("先进 事迹;.docx", word())))
    assert answer["Content-Type"] == WORD_TYPE
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%85%88%E8%BF%9B%20%E4%BA%8B%E8%BF%B9%3B.docx"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


def test_a_kind_that_is_not_ours_is_handed_out_as_bytes():
    assert headers(Clean('a".html', "text/html", b"", ""))["Content-Type"] == "application/octet-stream"
    assert headers(Clean('a".html', "text/html", b"", ""))["Content-Disposition"].startswith("attachment; ")
