"""One workbook judged against the roster as it stands now: the same for the preview and for the real thing."""

from __future__ import annotations

from dataclasses import dataclass

from organizations.imports import judge
from organizations.imports.posts import PostPlan
from organizations.imports.rights import refuse_without_right
from organizations.imports.staging import Staged
from organizations.imports.tree import TreePlan
from organizations.models import Organization, RosterImport


@dataclass
class Plan:
    """Organizations and posts in memory, members in ``judged_member``."""

    staged: Staged
    scope: Organization
    tree: TreePlan
    posts: PostPlan


def make_plan(roster_import: RosterImport, staged: Staged, *, lock: bool = False) -> Plan:
    """``lock``: hold what is judged until the transaction ends; the caller has locked the tree."""
    staged = staged.unjudged()
    scope = Organization.objects.get(pk=roster_import.organization_id)
    by, updates = roster_import.uploaded_by, roster_import.mode == RosterImport.Mode.UPDATE
    tree = TreePlan(staged, scope, roster_import.effective_on)
    refuse_without_right(tree, by, updates=updates)
    judge.collect_places(scope, tree, roster_import.mode)
    if lock:
        judge.lock_members(scope)
    judge.judge_members(scope, roster_import.effective_on)
    posts = PostPlan(staged.posts, tree, roster_import.effective_on, by)
    return Plan(staged, scope, tree, posts)
