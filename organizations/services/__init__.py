"""The verbs of organizations, posts and the roster. Every write to them happens here."""

from organizations.services.accounts import (
    account_refusal,
    disable_account,
    enable_account,
    manages_account,
    open_account,
    reset_password,
)
from organizations.services.ending import dissolve, may_dissolve, may_merge, merge
from organizations.services.organizations import (
    affiliate,
    amend,
    found,
    may_affiliate,
    rename,
    reorder,
)
from organizations.services.posts import PredecessorInPost, apply_appointments, appoint, relieve
from organizations.services.refusals import OrganizationRefused
from organizations.services.roster import (
    add_member,
    confirm_member,
    edit_member,
    leave_roster,
    show_phone,
    transfer_member,
)
from organizations.services.tree import draw_pks, lock_tree, order_segment, search_initials

__all__ = [
    "OrganizationRefused",
    "PredecessorInPost",
    "account_refusal",
    "add_member",
    "affiliate",
    "amend",
    "appoint",
    "apply_appointments",
    "confirm_member",
    "disable_account",
    "dissolve",
    "draw_pks",
    "edit_member",
    "enable_account",
    "found",
    "leave_roster",
    "lock_tree",
    "manages_account",
    "may_affiliate",
    "may_dissolve",
    "may_merge",
    "merge",
    "open_account",
    "order_segment",
    "relieve",
    "rename",
    "reorder",
    "reset_password",
    "search_initials",
    "show_phone",
    "transfer_member",
]
