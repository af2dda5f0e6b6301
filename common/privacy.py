"""What of a person is shown, and to whom it stays hidden (domain.md §10)."""

import re
import unicodedata

_MOBILE_IN_TEXT = re.compile(r"(?<!\d)[1１][-\s]?[3-9３-９](?:[-\s]?\d){9}(?!\d)")
_IDENTITY_IN_TEXT = re.compile(r"(?<!\d)[1-9１-９]\d{16}[\dXxＸｘ](?!\d)")
_PHONE = re.compile(r"^(\d{3})\d+(\d{4})$")


def mask_phone(phone: str | None) -> str:
    """13900001234 -> 139****1234. Anything that is not a plain number keeps its last two signs at most."""
    digits = re.sub(r"[\s-]", "", phone or "")
    if not digits:
        return ""
    match = _PHONE.match(digits)
    return f"{match[1]}****{match[2]}" if match else f"****{digits[-2:]}"


def masked_phone_sql(text: str) -> str:
    """``mask_phone`` as an SQL expression over the expression ``text``, for work done set by set."""
    shown = "WHEN d ~ '^[0-9]{8,}$' THEN left(d, 3) || '****' || right(d, 4) WHEN d = '' THEN ''"
    digits = f"regexp_replace(coalesce({text}, ''), '[[:space:]-]', '', 'g')"
    return f"(SELECT CASE {shown} ELSE '****' || right(d, 2) END FROM {digits} AS d)"  # noqa: S608 -- the code's own


def conceal(text: str) -> tuple[str, list[str]]:
    """Mobile numbers and ID numbers masked wherever they stand, and the masked forms in order.

    Full-width digits, spaces and hyphens do not hide a number. An office's land line (0512-…) stays:
    it is there to be called.
    """
    masked: list[str] = []

    def hide(found: re.Match[str]) -> str:
        digits = re.sub(r"[-\s]", "", unicodedata.normalize("NFKC", found[0]))
        masked.append(mask_phone(digits) if len(digits) == 11 else f"{digits[:2]}****{digits[-2:]}")
        return masked[-1]

    return _MOBILE_IN_TEXT.sub(hide, _IDENTITY_IN_TEXT.sub(hide, text)), masked


_COMPOUND = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "闾丘",
        "子车",
        "亓官",
        "司寇",
        "巫马",
        "公西",
        "颛孙",
        "壤驷",
        "公良",
        "漆雕",
        "乐正",
        "宰父",
        "谷梁",
        "拓跋",
        "夹谷",
        "轩辕",
        "令狐",
        "段干",
        "百里",
        "呼延",
        "东郭",
        "南门",
        "羊舌",
        "微生",
        "梁丘",
        "左丘",
        "东门",
        "西门",
        "第五",
    ]
)


def surname_only(name: str) -> str:
    """沈文清 -> 沈某, 欧阳明 -> 欧阳某; of a name with a dot (阿依·古丽) the part before it."""
    name = name.strip()
    if "·" in name:
        return f"{name.partition('·')[0]}某"
    return f"{name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]}某"
