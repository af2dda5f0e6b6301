"""What can be wrong with a row, in words. Rows store (kind, column, argument); pages and lists say it."""

from __future__ import annotations

from collections.abc import Sequence

# kind -> (heading of the group, sentence about one cell; {} is the argument)
KINDS: dict[str, tuple[str, str]] = {
    # one cell
    "blank": ("必填的格子是空的", "不能为空，请填写。"),
    "date": ("日期写法不对", "{}"),
    "choice": ("内容不在可选范围内", "{}"),
    "number": ("应是整数", "{}"),
    "long": ("文字过长", "{}"),
    "value": ("内容有误", "{}"),
    "future": ("日期晚于今天", "{}晚于今天，请核对。"),
    # organizations
    "code_twice": ("代码重复", "与第 {} 行的代码相同，请保留一行或改正代码。"),
    "code_taken": ("代码已被占用", "代码 {} 已属于另一个党组织，请核对。"),
    "outside": ("不在您的管理范围内", "{}不在您的管理范围内，请由上级办公室导入。"),
    "dissolved": ("党组织已撤销", "“{}”已撤销，不能再变更或接收下级和党员。"),
    "name_twice": ("同一上级下重名", "与第 {} 行是同一上级下的同名党组织，请保留一行或改用不同的名称。"),
    "name_taken": ("同一上级下重名", "上级之下已有“{}”，请改用不同的名称。"),
    "superior_blank": ("没有写上级党组织", "新党组织要写明上级党组织的全称或代码。"),
    "superior_unknown": ("找不到上级党组织", "系统和本表中都没有“{}”。"),
    "superior_ambiguous": ("上级党组织有重名", "有不止一个“{}”，请在“上级党组织代码”中写明是哪一个。"),
    "superior_kind": ("上级不能设下级党组织", "上级“{}”的类别不能设下级党组织，请另选上级或改正类别。"),
    "superior_faulty": ("上级党组织一行有错误", "上级在第 {} 行，那一行有错误，请先改正那一行。"),
    "cycle": ("上下级成环", "上级一路往上又回到了自己（{}），请改正其中一个上级。"),
    "deep": ("层级过多", "层级超过 {} 级，请核对上级党组织。"),
    "move": (
        "上级与系统不同",
        "系统中的上级是“{}”。调整隶属关系会影响权限，请在党组织页面办理，或把这一格改回。",
    ),
    "kind_members": ("类别与现状不符", "现有 {} 名党员，这个类别不直接管理党员，请先转接组织关系。"),
    "kind_subordinates": ("类别与现状不符", "现有下级党组织（{}），这个类别不能设下级。"),
    "rename_date": ("更名日期有误", "现名称从 {} 起使用，变动日期不能比这更早。"),
    # members
    "branch_blank": ("没有写所在党支部", "请写明所在党支部的全称或代码。"),
    "branch_unknown": ("找不到党支部", "系统和“党组织”表中都没有“{}”。"),
    "branch_ambiguous": ("党支部有重名", "有不止一个“{}”，请在“所在党支部代码”中写明是哪一个。"),
    "branch_kind": ("不是能接收党员的党组织", "“{}”的类别不直接管理党员，党员应落在党支部。"),
    "branch_faulty": ("党支部一行有错误", "党支部在“党组织”表中，那一行有错误，请先改正。"),
    "branch_younger": ("早于党支部成立", "变动日期早于党支部的成立日期 {}，请核对。"),
    "number_twice": ("编号重复", "与第 {} 行的编号相同，一名党员只能有一行。"),
    "member_twice": ("同一党员有两行", "与第 {} 行的支部、姓名、出生年月都相同；如是两人，请分别填写编号。"),
    "member_ambiguous": ("分不清是哪一名党员", "系统中有同支部、同姓名、同出生年月的党员，请填写编号。"),
    "left": ("党员已离开名册", "编号 {} 的党员已离开名册，不能再变更。"),
    "confirmed_early": ("转正早于入党", "转为正式党员日期早于加入党组织日期，请核对。"),
    "probationary_confirmed": ("预备党员填了转正日期", "预备党员没有转正日期；已转正的请填“正式党员”。"),
    "standing_back": ("正式党员改为预备党员", "系统中已是正式党员，不能改回预备党员，请核对。"),
    "receiving_unknown": ("找不到流入地党组织", "系统和“党组织”表中没有（或有不止一个）“{}”，请核对全称。"),
    "receiving_settled": ("不是流动党员", "“是否流动”为否，不应填写流入地党组织。"),
    "transfer_date": ("转接日期有误", "这名党员 {} 才转入现支部，变动日期不能比这更早。"),
    # posts
    "person_blank": ("没有写是谁", "请填写登录名，或已有账号的党员的编号。"),
    "person_unknown": ("没有这个账号", "没有登录名“{}”。导入不会开通账号，请先在任职管理中开通。"),
    "no_account": ("党员还没有账号", "编号 {} 的党员还没有账号，请先在任职管理中开通。"),
    "person_differs": ("姓名与账号不符", "账号上的姓名是“{}”，请核对登录名。"),
    "inactive": ("账号已停用", "{}的账号已停用，请先启用。"),
    "own_post": ("不能为自己任职", "不能为自己任职，请由其他有权限的同志办理。"),
    "post_denied": ("没有任职管理权限", "您的职务不能在“{}”办理任职。"),
    "place_unknown": ("找不到党组织", "系统和“党组织”表中都没有“{}”。"),
    "place_ambiguous": ("党组织有重名", "有不止一个“{}”，请填写党组织代码。"),
    "dates": ("日期先后有误", "{}"),
    "post_twice": ("同一任职有两行", "与第 {} 行是同一人的同一任职，请保留一行。"),
    "post_taken": ("职务同一时间只能有一人", "{}"),
}
WARNINGS: dict[str, tuple[str, str]] = {
    "similar": ("与已有名称相近", "与{}只差一个字，请确认不是同一个党组织。"),
    "founded_differs": ("成立日期与系统不同", "系统中是 {}，导入不会更改。"),
    "same_name": ("同支部有同名党员", "本支部已有同名党员（{} 出生），请确认不是同一人。"),
    "elsewhere": ("别的支部有同一人", "“{}”有同姓名、同出生年月的党员；如是同一人，请办理组织关系转接。"),
    "young": ("入党时未满十八岁", "按出生年月和入党日期，入党时未满十八岁，请核对。"),
}


def group_of(kind: str) -> str:
    return (KINDS.get(kind) or WARNINGS.get(kind) or (kind, ""))[0]


def sentence(problem: Sequence[str]) -> str:
    kind, _, argument = problem
    template = (KINDS.get(kind) or WARNINGS.get(kind) or ("", "{}"))[1]
    return template.format(argument)
