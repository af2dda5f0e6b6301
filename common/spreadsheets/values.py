"""Read one cell the way people fill it in: full-width signs, stray spaces, dates in many shapes.

Every parser takes what ``reader`` delivers and returns a value or raises ``CellError`` with a Chinese
sentence saying what is wrong and how to write it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

Parser = Callable[[Any], Any]

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u3000\ufeff]+")
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EPOCH = dt.date(1899, 12, 30)
EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2099, 12, 31)
_HOW = "请写成 2010-08-19 或 2010年8月19日"
_HOW_MONTH = "请写成 2010-08 或 2010年8月"
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SEPARATED = re.compile(r"^(\d{4})[-./年、](\d{1,2})(?:[-./月、](\d{1,2})?日?号?)?$")
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})?$")
_NUMERIC = re.compile(r"^\d+(\.\d+)?$")


class CellError(ValueError):
    """What is wrong with one cell. ``kind`` groups errors of one sort."""

    def __init__(self, message: str, kind: str = "value") -> None:
        super().__init__(message)
        self.kind = kind


def as_text(value: Any) -> str:
    """The cell as a person sees it: 13900001234.0 is a phone number that Excel took for a number."""
    if isinstance(value, str):
        return _ILLEGAL.sub("", value).strip("\u3000\u00a0\ufeff \t\r\n")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def tidy_text(value: Any) -> str:
    """Free text on one line: runs of spaces, full-width ones too, become one; letters stay as typed."""
    return _SPACES.sub(" ", as_text(value)).strip()


def tidy_name(value: Any) -> str:
    """A name: 张　伟 and 张 伟 are 张伟; full-width letters, digits and brackets' insides stay comparable.

    Full-width Latin letters and digits become half-width; Chinese punctuation (（） for instance) stays,
    because it is part of an organization's name as it stands on the seal.
    """
    text = "".join(
        unicodedata.normalize("NFKC", sign) if "\uff10" <= sign <= "\uff5a" and sign.isalnum() else sign
        for sign in as_text(value)
    )
    return _BETWEEN_HAN.sub("", _SPACES.sub(" ", text)).strip()


def identifier(value: Any) -> str:
    """A code, number or phone: NFKC, no spaces at all."""
    if type(value) is str and value.isascii() and value.isalnum():
        return value  # nearly all of them
    return _SPACES.sub("", unicodedata.normalize("NFKC", as_text(value)))


def match_key(value: Any) -> str:
    """What two spellings of one name have in common: NFKC, case folded, no spaces. For comparing only."""
    return identifier(value).casefold()


def parse_date(value: Any) -> dt.date | None:
    """A day. Real dates, 2010-8-19, 2010.8.19, 2010年8月19日, 20100819, Excel serials; None when empty."""
    day, is_whole = _date(value, _HOW)
    if day is not None and not is_whole:
        raise CellError(f"“{as_text(value)}”只有年月，还需要日。{_HOW}。", "date")
    return day


def parse_date_or_month(value: Any) -> dt.date | None:
    """A day; where only year and month were written, the first of that month."""
    return _date(value, _HOW)[0]


def parse_month(value: Any) -> dt.date | None:
    """The first of a month, from 2010.8, 2010年8月, 201008, 2010-8-19, Excel serials; None when empty."""
    day, _ = _date(value, _HOW_MONTH)
    return day and day.replace(day=1)


def _date(value: Any, how: str) -> tuple[dt.date | None, bool]:
    """(day, was the day of the month given?)"""
    if isinstance(value, dt.datetime):
        return _in_range(value.date(), value, how), True
    if isinstance(value, dt.date):
        return _in_range(value, value, how), True
    if isinstance(value, bool | dt.time | dt.timedelta):
        raise CellError(f"“{as_text(value)}”不是日期。{how}。", "date")
    text = identifier(value).translate(_CHINESE_DIGITS)
    if not text:
        return None, True
    text = _tens(text).removesuffix("00:00:00").rstrip("T")
    if found := _SEPARATED.match(text) or _PACKED.match(text):
        if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
            raise CellError(f"“{text}”分不清是 1 月还是 10 月。{how}。", "date")
        return _calendar(found, value, how), bool(found[3])
    if _NUMERIC.match(text):
        return _serial(text, how), True
    raise CellError(f"“{as_text(value)[:20]}”不是能识别的日期。{how}。", "date")


def _tens(text: str) -> str:
    """二〇一〇年十二月三十日: the digits are translated already, 十 is what is left."""
    text = re.sub(r"(\d)十(\d)", r"\1\2", text)
    text = re.sub(r"(\d)十", r"\g<1>0", text)
    return re.sub(r"十(\d)", r"1\1", text).replace("十", "10")


def _calendar(found: re.Match[str], value: Any, how: str) -> dt.date:
    try:
        day = dt.date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        raise CellError(f"“{as_text(value)}”不是日历上有的日期。{how}。", "date") from None
    return _in_range(day, value, how)


def _serial(text: str, how: str) -> dt.date:
    """Days since 1899-12-30, as a cell holds a date whose format was lost."""
    number = float(text)
    if 1900 <= number <= 2099 and "." not in text:
        raise CellError(f"“{text}”只有年份。{how}。", "date")
    if not 3000 <= number <= 73050:
        raise CellError(f"“{text[:20]}”不是能识别的日期。{how}。", "date")
    return _EPOCH + dt.timedelta(days=int(number))


def _in_range(day: dt.date, value: Any, how: str) -> dt.date:
    if not EARLIEST <= day <= LATEST:
        raise CellError(f"“{as_text(value)}”不在 1900 年至 2099 年之间。{how}。", "date")
    return day


def choice(labels: Mapping[str, str], what: str = "内容") -> Parser:
    """A parser for one of ``labels`` (spelling -> value); the sentence lists what may be written."""
    known = {match_key(label): value for label, value in labels.items()}

    def parse(value: Any) -> str | None:
        key = match_key(value)
        if not key:
            return None
        if key not in known:
            allowed = "、".join(dict.fromkeys(_first_labels(labels)))
            raise CellError(f"{what}“{as_text(value)[:20]}”不在可选范围内，可填：{allowed}。", "choice")
        return known[key]

    return parse


def _first_labels(labels: Mapping[str, str]) -> list[str]:
    first: dict[str, str] = {}
    for label, value in labels.items():
        first.setdefault(value, label)
    return list(first.values())


_YES = frozenset({"是", "y", "yes", "true", "1", "有", "√", "✓", "流动", "是的"})
_NO = frozenset({"", "否", "n", "no", "false", "0", "无", "×", "x", "-", "—", "不是"})


def parse_yes_no(value: Any) -> bool:
    key = match_key(value)
    if key in _YES:
        return True
    if key in _NO:
        return False
    raise CellError(f"“{as_text(value)[:20]}”应填“是”或“否”。", "choice")


def parse_whole_number(most: int) -> Parser:
    def parse(value: Any) -> int | None:
        text = identifier(value)
        if not text:
            return None
        if not re.fullmatch(r"\d{1,9}", text) or int(text) > most:
            raise CellError(f"“{as_text(value)[:20]}”应是 0 到 {most} 的整数。", "number")
        return int(text)

    return parse


def text_up_to(most: int, tidy: Callable[[Any], str] = tidy_text) -> Parser:
    def parse(value: Any) -> str:
        text = tidy(value)
        if len(text) > most:
            raise CellError(f"有 {len(text)} 个字，最多 {most} 个字，请缩短。", "long")
        return text

    return parse
