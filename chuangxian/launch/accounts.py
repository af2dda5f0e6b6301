"""The demo's accounts as the launcher prints them."""

from __future__ import annotations

from chuangxian.demo import ACCOUNTS, PASSWORD
from chuangxian.launch.console import table

HEADINGS = ("帐户 account", "姓名 name", "职务 posts")


def account_table() -> str:
    rows = [HEADINGS, *((account.username, account.name, account.posts) for account in ACCOUNTS)]
    return f"\n{table(rows)}\n  密码均为 / every password: {PASSWORD}\n\n"
