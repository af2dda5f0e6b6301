"""The posts of a workbook (任职): who, what, where, and whether the importer may. Written by the service itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from organizations.access import path_end
from organizations.appointing import MANAGE_POSTS, may_fill, permission_for, who_fills
from organizations.imports.rights import path_of
from organizations.imports.staging import IncomingRow, Problem
from organizations.imports.tree import Existing, Planned, TreePlan
from organizations.models import Appointment, Member, Organization
from organizations.posts import SINGLE_HOLDER, Post


@dataclass(slots=True)
class PlannedPost:
    row: IncomingRow
    user: Any = None
    place: Planned | Existing | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    is_held: bool = False

    @property
    def outcome(self) -> str:
        if self.row.problems:
            return "error"
        if self.is_held:
            return "unchanged"
        return "changed" if self.changes else "new"

    @property
    def place_name(self) -> str:
        if isinstance(self.place, Planned):
            return self.place.row.get("name") or ""
        return self.place.name if self.place else self.row.get("organization") or ""


class PostPlan:
    """Resolves the rows of the posts' sheet against accounts, organizations and who holds what."""

    def __init__(self, rows: list[IncomingRow], tree: TreePlan, effective_on: dt.date, by: Any) -> None:
        self.tree, self.effective_on, self.by = tree, effective_on, by
        self.rows = [PlannedPost(row) for row in rows]
        self._load_people()
        for planned in self.rows:
            self._resolve(planned)
        self._refuse_twins()
        self._compare()

    def _load_people(self) -> None:
        scope = self.tree.scope
        users = get_user_model().objects
        names = [name for row in self.rows if (name := row.row.get("username"))]
        numbers = [number for row in self.rows if (number := row.row.get("number"))]
        self.users = {user.username: user for user in users.filter(username__in=names)}
        members = Member.objects.current().filter(
            number__in=numbers,
            organization__path__gte=scope.path,
            organization__path__lt=path_end(scope.path),
        )
        self.by_number = {member.number: member.user for member in members.select_related("user")}

    def _resolve(self, planned: PlannedPost) -> None:
        self._resolve_person(planned)
        self._resolve_place(planned)
        row = planned.row
        starts, ends = row.get("starts_on") or self.effective_on, row.get("ends_on")
        row.values["starts_on"] = starts
        if ends and ends < starts:
            row.problems.append(("dates", "ends_on", "免职日期早于任职日期，请核对。"))
        founded = planned.place.founded_on if planned.place else None
        if founded and starts < founded:
            row.problems.append(("dates", "starts_on", f"任职日期早于党组织成立日期 {founded}，请核对。"))

    def _resolve_person(self, planned: PlannedPost) -> None:
        row = planned.row
        username, number = row.get("username"), row.get("number")
        user = self.users.get(username) if username else self.by_number.get(number)
        if not username and not number:
            row.problems.append(("person_blank", "username", ""))
        elif user is None:
            kind = ("person_unknown", "username", username) if username else ("no_account", "number", number)
            row.problems.append(kind)
        else:
            planned.user = user
            row.problems += self._about_person(user, row.get("person"))

    def _about_person(self, user: Any, name: str | None) -> list[Problem]:
        found: list[Problem] = []
        if name and name != user.name:
            found.append(("person_differs", "person", user.name))
        if not user.is_active:
            found.append(("inactive", "username", str(user)))
        if user.pk == self.by.pk:
            found.append(("own_post", "username", ""))
        return found

    def _resolve_place(self, planned: PlannedPost) -> None:
        row = planned.row
        code, name = row.get("organization_code"), row.get("organization")
        found = self.tree.find(code, name)
        column = "organization_code" if code else "organization"
        if isinstance(found, str):
            row.problems.append((found, column, code or name or ""))
            return
        planned.place = found
        if isinstance(found, Planned) and found.is_faulty:
            row.problems.append(("superior_faulty", column, str(found.row.number)))
        self._may_fill(planned, column)
        if isinstance(found, Existing) and found.dissolved_on is not None:
            row.problems.append(("dissolved", column, found.name))

    def _may_fill(self, planned: PlannedPost, column: str) -> None:
        """An unknown post was named before; the place decides then."""
        post, place = planned.row.get("post") or "", planned.place
        if place is None or may_fill(self.by, post, organization := Organization(path=path_of(place))):
            return
        if permission_for(post) == MANAGE_POSTS:
            planned.row.problems.append(("post_denied", column, planned.place_name))
        else:
            organization.name = planned.place_name
            planned.row.problems.append(("decider_denied", "post", who_fills(organization)))

    def _refuse_twins(self) -> None:
        seen: dict[tuple[int, int, str], PlannedPost] = {}
        for planned in self.rows:
            if planned.user is None or planned.place is None or not planned.row.get("post"):
                continue
            key = (planned.user.pk, _ref(planned.place), planned.row.get("post"))
            first = seen.setdefault(key, planned)
            if first is not planned:
                planned.row.problems.append(("post_twice", "post", str(first.row.number)))

    def _compare(self) -> None:
        """Who holds these posts already? A post of one holder names the one who would be succeeded."""
        sound = [row for row in self.rows if not row.row.problems and row.place is not None]
        held = Appointment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=self.effective_on),
            organization__in={_ref(row.place) for row in sound if row.place and _ref(row.place) > 0},
        ).select_related("user")
        by_place: dict[tuple[int, str], list[Appointment]] = {}
        for appointment in held:
            by_place.setdefault((appointment.organization_id, appointment.post), []).append(appointment)
        taken: dict[tuple[int, str], PlannedPost] = {}
        for planned in sound:
            key = (_ref(planned.place), planned.row.get("post"))
            self._compare_one(planned, by_place.get(key, []))
            if key[1] in SINGLE_HOLDER and not planned.is_held:
                first = taken.setdefault(key, planned)
                if first is not planned:
                    text = f"第 {first.row.number} 行也是这一职务，同一时间只能有一人，请保留一行。"
                    planned.row.problems.append(("post_taken", "post", text))

    def _compare_one(self, planned: PlannedPost, held: list[Appointment]) -> None:
        starts, ends = planned.row.get("starts_on"), planned.row.get("ends_on")
        running = [
            one
            for one in held
            if (one.ends_on is None or one.ends_on >= starts) and (ends is None or one.starts_on <= ends)
        ]
        if any(one.user_id == planned.user.pk for one in running):
            planned.is_held = True
        elif running and planned.row.get("post") in SINGLE_HOLDER:
            if any(one.starts_on >= starts for one in running):
                text = f"现由{running[0].user}担任，其任职不早于这里的任职日期，请先免去或改任职日期。"
                planned.row.problems.append(("post_taken", "post", text))
            planned.changes["holder"] = [str(running[0].user), str(planned.user)]


def _ref(place: Planned | Existing | None) -> int:
    if place is None:
        return 0
    return place.ref if isinstance(place, Planned) else place.pk


def post_label(row: IncomingRow) -> str:
    post = row.get("post")
    return Post(post).label if post else ""
