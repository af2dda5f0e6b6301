"""Who works and who belongs where: accounts, appointments, the roster of about 3,000 members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission

from chuangxian.demo import ACCOUNTS, PASSWORD
from chuangxian.demo.city import words
from chuangxian.demo.names import people, phones
from organizations.kinds import HOLDS_MEMBERS, Kind
from organizations.models import Appointment, Member, Membership, Organization, OrganizationUserPost
from organizations.posts import CODENAME, Post

User = get_user_model()
SINCE = dt.date(2009, 3, 1)
MEMBERS = 3000
TITLES = {
    Member.Service.SERVING: words(
        "副局长 主任 副主任 科长 副科长 主任科员 副主任科员 科员 科员 科员 办事员 工程师 窗口工作人员"
    ),
    Member.Service.RETIRED: ("退休干部",),
}
ETHNICITIES = ("汉族",) * 60 + ("回族", "满族", "土家族")

# username -> posts, as (post, code of the organization); names and wording are in ACCOUNTS.
ROOT, ORGANS, FINANCE, FINANCE_FIRST = "001", "001012", "001012001", "001012001001"
HELD: dict[str, list[tuple[Post, str]]] = {
    "zhishu": [(Post.SECRETARY, FINANCE_FIRST)],
    "lianluo": [(Post.LIAISON, FINANCE_FIRST)],
    "fushuji": [(Post.DEPUTY_SECRETARY, FINANCE_FIRST)],
    "jushuji": [(Post.SECRETARY, FINANCE), (Post.FIRST_RESPONSIBLE, FINANCE)],
    "jiguan": [(Post.SECRETARY, ORGANS), (Post.FIRST_RESPONSIBLE, ORGANS)],
    "shiwei": [(Post.SECRETARY, ROOT), (Post.FIRST_RESPONSIBLE, ROOT)],
    "bangong": [(Post.OFFICE, ROOT)],
    "zhuren": [(Post.OFFICE_DIRECTOR, ROOT)],
    "zuzhang": [(Post.GROUP_HEAD, ROOT)],
    "jijian": [(Post.DISCIPLINE, ROOT)],
    "duozhi": [
        (Post.SECRETARY, "001012013"),
        (Post.SECRETARY, "001012013001"),
        (Post.DEPUTY_SECRETARY, "001012004"),
        (Post.LIAISON, "001012015001"),
        (Post.LIAISON, "001012016002"),
        (Post.GROUP_MEMBER, "001002"),
        (Post.GROUP_MEMBER, "001010"),
        (Post.DISCIPLINE, "001018"),
        (Post.DIRECT_RESPONSIBLE, ORGANS),
    ],
    "dangyuan": [],
    "guanli": [],
}
# Who else signs in from the roster of a branch: (its code, place on the roster) -> (account, what they work as).
ON_THE_ROSTER = {
    (FINANCE_FIRST, 1): ("fushuji", "党支部副书记"),
    (FINANCE_FIRST, 2): ("lianluo", "科员"),
    (FINANCE_FIRST, 7): ("dangyuan", "窗口工作人员"),
}
SMALL = {FINANCE_FIRST: 9}  # fewer than ten: it may adopt its superior's plan
NEW_SECRETARY = "xinren"  # takes over in now.py, here:
HANDOVER_AT = "中共吴江市档案局支部委员会"


@dataclass(slots=True)
class Cast:
    """Who acts where, for the pledges that follow."""

    secretary: dict[int, User]  # by organization id
    liaison: dict[int, User]
    office: User
    director: User
    named: dict[str, User]
    names: dict[int, list[str]]  # a few members' names by organization id, the secretary's first

    def responsible(self, place: int) -> list[str]:
        """Whom a pledge of the place names: mostly the secretary."""
        return self.names[place]


def build_people(places: dict[str, Organization], random: Random, today: dt.date) -> Cast:
    stream = people(random)
    named = _named_users()
    permissions = {p.codename: p for p in Permission.objects.filter(content_type__app_label="organizations")}
    held = [(named[who], post, places[code]) for who, posts in HELD.items() for post, code in posts]
    taken = {(place.pk, post) for _, post, place in held}
    others = [o for o in places.values() if o.rule.files_pledges]
    secretaries = _officers("sj", [o for o in others if (o.pk, Post.SECRETARY) not in taken], stream)
    liaisons = _officers("ll", [o for o in others if o.rule.has_subordinates and o.parent_id], stream)
    User.objects.bulk_create([*secretaries.values(), *liaisons.values()])
    by_pk = {o.pk: o for o in others}
    held += [(user, Post.SECRETARY, by_pk[pk]) for pk, user in secretaries.items()]
    held += [(user, Post.LIAISON, by_pk[pk]) for pk, user in liaisons.items()]
    _appoint(held, permissions)
    secretary = {place.pk: user for user, post, place in held if post == Post.SECRETARY}
    liaison = {place.pk: user for user, post, place in held if post == Post.LIAISON}
    members = _roster(places, secretary, named, stream, random, today)
    names = {pk: [user.name, user.name] for pk, user in secretary.items()}
    for member in members:
        if len(names[member.organization_id]) < 4 and member.user is None:
            names[member.organization_id].append(member.name)
    return Cast(secretary, liaison, named["bangong"], named["zhuren"], named, names)


def _hashed() -> str:
    """One hash for all: the password is printed anyway, and 300 of them would take a minute."""
    return make_password(PASSWORD)


def _named_users() -> dict[str, User]:
    password = _hashed()
    users = [
        User(
            username=account.username,
            name=account.name,
            password=password,
            is_staff=account.username == "guanli",
            must_change_password=account.username == NEW_SECRETARY,
        )
        for account in ACCOUNTS
    ]
    return {user.username: user for user in User.objects.bulk_create(users)}


def _officers(prefix: str, places: list[Organization], stream: Iterator[tuple[str, str]]) -> dict[int, User]:
    password = _hashed()
    return {
        place.pk: User(username=f"{prefix}{place.code[3:] or '000'}", name=next(stream)[0], password=password)
        for place in places
    }


def _appoint(held: list[tuple[User, Post, Organization]], permissions: dict[str, Permission]) -> None:
    Appointment.objects.bulk_create(
        Appointment(user=user, post=post, organization=place, starts_on=max(SINCE, place.founded_on))
        for user, post, place in held
    )
    OrganizationUserPost.objects.bulk_create(
        OrganizationUserPost(
            user=user, permission=permissions[CODENAME.format(post.value)], content_object=place
        )
        for user, post, place in held
    )


def _roster(
    places: dict[str, Organization],
    secretary: dict[int, User],
    named: dict[str, User],
    stream: Iterator[tuple[str, str]],
    random: Random,
    today: dt.date,
) -> list[Member]:
    branches = [o for o in places.values() if o.kind in HOLDS_MEMBERS]
    sizes = _sizes([branch.code for branch in branches], random)
    numbers = phones()
    members = []
    for branch, size in zip(branches, sizes, strict=True):
        for position in range(size):
            account, title = ON_THE_ROSTER.get((branch.code, position), ("", "党支部书记"))
            user = secretary.get(branch.pk) if position == 0 else named.get(account)
            name, sex = (user.name, random.choice("mmf")) if user else next(stream)
            member = _member(branch, name, sex, user, next(numbers), random, today)
            member.post_title = title if user else member.post_title
            members.append(member)
    for number, member in enumerate(members, 1):
        member.number = f"WJ{number:06d}"
    hosts = [o for o in branches if o.kind == Kind.JOINT_BRANCH]
    for member in members:
        if member.is_mobile and random.random() < 0.6:
            member.receiving = random.choice(hosts)
    Member.objects.bulk_create(members)
    Membership.objects.bulk_create(
        Membership(
            member=m, organization=m.organization, starts_on=max(m.joined_on, m.organization.founded_on)
        )
        for m in members
    )
    return members


def _sizes(codes: list[str], random: Random) -> list[int]:
    """Branch sizes that add up to MEMBERS: at least 8 each, most between 8 and 18; one is told."""
    sizes = [SMALL.get(code) or random.randint(8, 18) for code in codes]
    while (gap := MEMBERS - sum(sizes)) != 0:
        place = random.randrange(len(codes))
        step = 1 if gap > 0 else -1
        if codes[place] not in SMALL and 8 <= sizes[place] + step <= 40:
            sizes[place] += step
    return sizes


def _member(
    branch: Organization, name: str, sex: str, user: User | None, phone: str, random: Random, today: dt.date
) -> Member:
    is_retired = branch.kind == Kind.RETIREE_BRANCH and user is None
    age = random.randint(60, 84) if is_retired else random.randint(25, 58)
    born = dt.date(today.year - age, random.randint(1, 12), 1)
    is_probationary = user is None and not is_retired and random.random() < 0.03
    months_ago = random.randint(1, 11) if is_probationary else random.randint(14, 12 * max(age - 22, 3))
    joined = _months_before(today, months_ago)
    service = Member.Service.RETIRED if is_retired else Member.Service.SERVING
    return Member(
        organization=branch,
        name=name,
        sex=sex,
        ethnicity=random.choice(ETHNICITIES),
        birth_month=born,
        joined_on=joined,
        confirmed_on=None if is_probationary else joined.replace(year=joined.year + 1),
        standing=Member.Standing.PROBATIONARY if is_probationary else Member.Standing.FULL,
        service=service,
        is_mobile=branch.kind == Kind.MOBILE_BRANCH and user is None,
        post_title=random.choice(TITLES[service]),
        phone=phone,
        user=user,
    )


def _months_before(day: dt.date, months: int) -> dt.date:
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month0 + 1, min(day.day, 28))
