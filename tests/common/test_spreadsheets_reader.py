"""What strangers upload: read when it is a workbook, refused in one sentence when it is anything else."""

import datetime as dt
import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.spreadsheets import limits, reader
from common.spreadsheets.reader import open_workbook
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.sheetscan import scan

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
OOXML = "http://schemas.openxmlformats.org"
SHEET = "xl/worksheets/sheet1.xml"


def parts(sheet: str, main: str = MAIN) -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": f'<Types xmlns="{OOXML}/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{OOXML}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{OOXML}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{OOXML}/spreadsheetml/2006/main" '
        f'xmlns:r="{OOXML}/officeDocument/2006/relationships"><sheets>'
        '<sheet name="党员" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OOXML}/package/2006/relationships"><Relationship '
        f'Id="rId1" Type="{OOXML}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        SHEET: f'<worksheet xmlns="{OOXML}/spreadsheetml/2006/main">{sheet}</worksheet>',
    }


def rows(*texts: str) -> str:
    cells = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for number, text in enumerate(texts, 1)
    )
    return f"<sheetData>{cells}</sheetData>"


def zipped(content: dict[str, str | bytes], level: int = 6) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(tmp_path: Path, data: bytes, name: str = "名册.xlsx", **options) -> WorkbookRefused:
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(WorkbookRefused) as caught, open_workbook(path, name=name, **options) as book:
        list(book.rows(book.sheets[0].title))
    assert str(caught.value).endswith("。")
    return caught.value


def opened(tmp_path: Path, data: bytes, **options) -> reader.Workbook:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return open_workbook(path, name="名册.xlsx", **options)


def test_values_arrive_with_their_row_numbers_and_columns(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "党员"
    sheet["B3"], sheet["C3"], sheet["D3"] = "张伟", 12.5, True
    sheet["B6"], sheet["C6"] = dt.date(2010, 8, 19), dt.time(9, 30)
    with opened(tmp_path, saved(book)) as found:
        assert list(found.rows("党员")) == [
            (3, ["", "张伟", 12.5, True]),
            (6, ["", dt.date(2010, 8, 19), dt.time(9, 30)]),
        ]
        assert found.sheets[0].rows == 6


def test_only_the_wanted_sheets_are_read_and_hidden_ones_are_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "党 员"
    book.active.append(["甲"])
    book.create_sheet("其他").append(["乙"])
    book.create_sheet("选项").sheet_state = "hidden"
    with opened(tmp_path, saved(book), sheets=["党员"]) as found:
        assert [(sheet.title, sheet.read, sheet.visible) for sheet in found.sheets] == [
            ("党 员", True, True),
            ("其他", False, True),
            ("选项", False, False),
        ]


def test_formulas_arrive_as_the_text_they_show_and_are_named(tmp_path):
    sheet = (
        '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1" t="str"><f t="shared" si="0"/><v>甲</v></c></row>'
        '<row r="2"><c r="A2"><f t="array" ref="A2:B2">X</f><v>5</v></c><c r="B2"><v>6</v></c>'
        '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D2" t="e"><v>#REF!</v></c></row></sheetData>'
    )
    with opened(tmp_path, zipped(parts(sheet))) as found:
        assert list(found.rows("党员")) == [(1, ["2", 2.0, "甲"]), (2, ["5", "6", "#DIV/0!", "#REF!"])]
        assert [note.cell for note in found.notes if note.kind == "formula"] == ["A1", "C1", "A2", "B2", "C2"]


def test_formulas_are_seen_in_prefixed_xml_too(tmp_path):
    content = parts("")
    content[SHEET] = (
        f'<x:worksheet xmlns:x="{OOXML}/spreadsheetml/2006/main"><x:sheetData><x:row r="1">'
        '<x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    with opened(tmp_path, zipped(content)) as found:
        assert list(found.rows("党员")) == [(1, ["2"])]


def test_formulas_and_errors_are_seen_wherever_the_chunks_end():
    xml = (
        b'<row r="7"><c r="A7" s="1"><v>1</v></c><c r="B7" t="str"><f>A7</f><v>2</v></c>'
        b'<c r="C7" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    for cut in range(len(xml) + 1):
        found = scan("党员", [xml[:cut], xml[cut:]])
        assert found.formulas == {(7, 2), (7, 3)}
        assert found.errors == {(7, 3): "#DIV/0!"}


def test_many_formulas_are_all_text_and_only_so_many_are_named(tmp_path):
    filler = "".join(f'<row r="{n}"><c r="A{n}"><f>ROW()</f><v>{n}</v></c></row>' for n in range(1, 3001))
    with opened(tmp_path, zipped(parts(f"<sheetData>{filler}</sheetData>"))) as found:
        assert all(row == [str(number)] for number, row in found.rows("党员"))
        assert (len(found.notes), found.more_notes) == (limits.NOTES, 3000 - limits.NOTES)


def test_merged_cells_are_named_with_their_range(tmp_path):
    book = openpyxl.Workbook()
    book.active["A2"] = "甲"
    book.active.merge_cells("A2:C4")
    with opened(tmp_path, saved(book)) as found:
        assert [(note.kind, note.cell) for note in found.notes] == [("merged", "A2:C4")]


def test_a_wrong_dimension_is_not_believed(tmp_path):
    with opened(tmp_path, zipped(parts(f'<dimension ref="A1:XFD1048576"/>{rows("甲", "乙")}'))) as found:
        assert [row for _, row in found.rows("党员")] == [["甲"], ["乙"]]


def test_two_million_empty_rows_are_no_rows(tmp_path):
    empty = "".join(f'<row r="{n}"/>' for n in range(3, 2_000_003))
    sheet = rows("甲", "乙").replace("</sheetData>", f"{empty}</sheetData>")
    with opened(tmp_path, zipped(parts(sheet))) as found:
        assert [row for _, row in found.rows("党员")] == [["甲"], ["乙"]]


def test_formatted_empty_cells_far_out_are_no_cells(tmp_path):
    sheet = rows("甲").replace(
        "</sheetData>",
        '<row r="1048576"><c r="XFD1048576" s="0"/><c r="XFD1048577" s="0"></c></row></sheetData>',
    )
    with opened(tmp_path, zipped(parts(sheet))) as found:
        assert [row for _, row in found.rows("党员")] == [["甲"]]


FAR = '<row r="1048576"><c r="XFD1048576"{}><v>1</v></c></row></sheetData>'


def test_one_far_cell_in_five_kibibytes_is_refused_by_name(tmp_path):
    data = zipped(parts(rows("甲").replace("</sheetData>", FAR.format(""))))
    assert len(data) < 5 * 1024
    found = refusal(tmp_path, data)
    assert (found.code, found.sheet, found.cell) == ("far", "党员", "XFD1048576")


def test_a_far_cell_that_dodges_the_search_meets_the_memory_limit_of_the_child_alone(tmp_path):
    dodged = rows("甲").replace("</sheetData>", FAR.format("").replace('r="XFD1048576"', "r='XFD1048576'"))
    before = _limit()
    assert refusal(tmp_path, zipped(parts(dodged))).code in ("heavy", "unreadable")
    assert _limit() == before  # the limit is the child's; ours is as it was


def _limit():
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)


def test_the_child_runs_under_its_limits():
    code = (
        "import resource; from common.spreadsheets import child; child.limit_resources();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]);"
        "bytearray(600 * 1024 * 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(limits.CHILD_MEMORY_BYTES), str(limits.CHILD_SECONDS)]
    assert "MemoryError" in done.stderr


def test_too_many_rows_or_columns_are_refused_by_name(tmp_path):
    sheet = rows("甲").replace(
        "</sheetData>", '<row r="120001"><c r="A120001"><v>1</v></c></row></sheetData>'
    )
    assert refusal(tmp_path, zipped(parts(sheet))).cell == "A120001"
    sheet = rows("甲").replace("</sheetData>", '<row r="2"><c r="BI2"><v>1</v></c></row></sheetData>')
    assert refusal(tmp_path, zipped(parts(sheet))).cell == "BI2"
    sheet = rows("甲").replace(
        "</sheetData>", '<row r="120000"><c r="BH120000"><v>1</v></c></row></sheetData>'
    )
    with opened(tmp_path, zipped(parts(sheet))) as found:
        assert found.sheets[0].rows == 120_000


def test_a_zip_bomb_is_refused(tmp_path):
    content = parts(rows("甲")) | {"xl/media/image1.bin": b"\0" * (limits.INFLATED_BYTES + 1)}
    assert refusal(tmp_path, zipped(content)).code == "bomb"


def test_a_small_zip_bomb_is_refused_for_its_ratio(tmp_path):
    content = parts(rows("甲")) | {"xl/media/image1.bin": b"\0" * (20 * limits.MIB)}
    assert refusal(tmp_path, zipped(content)).code == "bomb"


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    data = bytearray(zipped(parts(rows("甲")) | {"xl/media/image1.bin": b"\0" * (20 * limits.MIB)}))
    real = struct.pack("<I", 20 * limits.MIB)
    while (place := data.find(real)) >= 0:
        data[place : place + 4] = struct.pack("<I", 1000)
    assert refusal(tmp_path, bytes(data)).code == "bomb"


def test_one_shared_text_in_every_cell_is_refused(tmp_path):
    content = parts(
        "<sheetData>"
        + "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 30_001))
        + "</sheetData>"
    )
    content["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{OOXML}/spreadsheetml/2006/main"><si><t>{"长" * 30_000}</t></si></sst>'
    )
    content["xl/_rels/workbook.xml.rels"] = str(content["xl/_rels/workbook.xml.rels"]).replace(
        "</Relationships>",
        f'<Relationship Id="rId2" Type="{OOXML}/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
    )
    assert refusal(tmp_path, zipped(content)).code == "heavy"  # 2.5 GB would be needed, the child has 512 MiB


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"])
def test_an_entity_bomb_is_refused_wherever_it_hides(tmp_path, part):
    content = parts(rows("&h;"))
    content[part] = BOMB + str(content.get(part, "<styleSheet/>"))
    assert refusal(tmp_path, zipped(content)).code == "doctype"


def test_another_encoding_cannot_hide_anything(tmp_path):
    content = parts(rows("甲"))
    content[SHEET] = ('<?xml version="1.0" encoding="UTF-16"?>' + str(content[SHEET])).encode("utf-16")
    assert refusal(tmp_path, zipped(content)).code == "encoding"
    content[SHEET] = b'<?xml version="1.0" encoding="UTF-7"?>' + str(parts("")[SHEET]).encode()
    assert refusal(tmp_path, zipped(content)).code == "encoding"


def test_too_many_entries_are_refused(tmp_path):
    content = parts(rows("甲")) | {f"xl/media/{n}.bin": b"x" for n in range(limits.ZIP_ENTRIES)}
    assert refusal(tmp_path, zipped(content)).code == "entries"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xl/vbaProject.bin", "macro"),
        ("xl/macrosheets/sheet1.xml", "macro"),
        ("xl/embeddings/oleObject1.bin", "embedded"),
        ("xl/activeX/activeX1.xml", "embedded"),
        ("mimetype", "other"),
    ],
)
def test_foreign_parts_are_refused(tmp_path, name, code):
    assert refusal(tmp_path, zipped(parts(rows("甲")) | {name: b"x"})).code == code


def test_an_archive_inside_is_refused(tmp_path):
    content = parts(rows("甲")) | {"xl/media/image1.png": zipped({"a": "b"})}
    assert refusal(tmp_path, zipped(content)).code == "nested"


def test_links_to_other_workbooks_are_ignored_and_told(tmp_path):
    content = parts(rows("甲")) | {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}
    with opened(tmp_path, zipped(content)) as found:
        assert [note.kind for note in found.notes] == ["external"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "macro"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "binary"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "word"),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", "slides"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", "template"),
        ("text/plain", "other"),
    ],
)
def test_what_the_file_says_it_is_decides_not_its_name(tmp_path, kind, code):
    assert refusal(tmp_path, zipped(parts(rows("甲"), main=kind))).code == code


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.xls", "旧版"),
        ("a.xlsm", "宏"),
        ("a.csv", "文本表格"),
        ("a.docx", "Word"),
        ("a.pdf", "PDF"),
        ("a.zip", "解压"),
        ("a.et", "WPS"),
    ],
)
def test_each_other_extension_has_its_own_sentence(tmp_path, name, words):
    assert words in str(refusal(tmp_path, zipped(parts(rows("甲"))), name=name))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
        (b"\xef\xbb\xbf<html><table></table></html>", "网页"),
        (b"%PDF-1.7", "PDF"),
        ("姓名,性别\n".encode(), "不是 Excel"),
        (b"PK\x03\x04", "损坏"),
        (zipped({"a.txt": "b"}), "压缩包"),
    ],
)
def test_renamed_files_are_recognised_by_their_first_bytes(tmp_path, data, words):
    assert words in str(refusal(tmp_path, data))


def test_a_file_above_the_limit_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    monkeypatch.setattr(reader, "_run_child", None)
    assert refusal(tmp_path, b"PK\x03\x04" + b"x" * 1000).code == "size"


def test_an_encrypted_entry_is_refused(tmp_path):
    data = bytearray(zipped(parts(rows("甲"))))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + place] |= 1
    assert refusal(tmp_path, bytes(data)).code == "encrypted"


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    assert refusal(tmp_path, zipped(parts(rows("甲"))), seconds=0.001).code == "heavy"


def test_nothing_but_dates_comes_out_of_the_pickle():
    import pickle

    with pytest.raises(pickle.UnpicklingError):
        reader._load(io.BytesIO(pickle.dumps(Path("/"))))


GOOD = zipped(parts(rows("甲", "乙") + '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'))
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _survives(tmp_path: Path, data: bytes) -> None:
    try:
        with opened(tmp_path, data) as book:
            for sheet in book.sheets:
                if sheet.read:
                    list(book.rows(sheet.title))
    except WorkbookRefused as refused:
        assert str(refused).endswith("。")


@SLOW
@given(cut=st.integers(0, len(GOOD)))
def test_a_truncated_file_is_refused(tmp_path, cut):
    _survives(tmp_path, GOOD[:cut])


@SLOW
@given(st.binary(max_size=3000))
def test_random_bytes_are_refused(tmp_path, data):
    _survives(tmp_path, b"PK\x03\x04" + data)


@SLOW
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_changed_bytes_are_read_or_refused(tmp_path, changes):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    _survives(tmp_path, bytes(data))


XML = st.recursive(
    st.sampled_from(["", "甲", "1e999", "-1", "#REF!", "45000.5", "&#0;", "<!-- -->", "<![CDATA[x]]>"]),
    lambda inner: st.builds(
        lambda tag, attributes, children: f"<{tag} {' '.join(attributes)}>{''.join(children)}</{tag}>",
        st.sampled_from(
            ["row", "c", "v", "f", "is", "t", "mergeCell", "mergeCells", "sheetData", "dimension"]
        ),
        st.lists(
            st.sampled_from(
                [
                    'r="A1"',
                    'r="ZZZ99999999999"',
                    'r="-1"',
                    'r=""',
                    't="s"',
                    't="inlineStr"',
                    't="d"',
                    't="e"',
                    's="99"',
                ]
                + ['ref="A1:XFD1"', 'ref="B2:A1"', 'ref=""', 't="array"', 't="b"', 'spans="1:9"']
            ),
            max_size=2,
            unique_by=lambda attribute: attribute.split("=")[0],
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=30,
)


@SLOW
@given(XML)
def test_any_sheet_xml_is_read_or_refused(tmp_path, sheet):
    _survives(tmp_path, zipped(parts(f"<sheetData>{sheet}</sheetData>{sheet}")))
