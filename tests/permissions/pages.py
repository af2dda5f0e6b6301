"""Every address of the portal with what each role must be answered. An address without an entry fails the gate."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.permissions import (
    pages_channels,
    pages_closing,
    pages_fulfilment,
    pages_members,
    pages_opinions,
    pages_plans,
    pages_progress,
    pages_publicity,
    pages_rounds,
    pages_rules,
    pages_summaries,
    pages_vetting,
)
from tests.permissions.answers import (
    FORBIDDEN,
    GONE,
    LOGIN,
    MISSING,
    OK,
    Answer,
    Case,
    administrator,
    anyone,
    holder_anywhere,
    holder_of,
    missing,
    never,
    or_administrator,
    public_only_get,
    reader_of,
    seen_in,
    signed_in,
)
from tests.permissions.oracle import PARENT, READS, STEPS, Who, along_the_chain, reads, runs_the_root, takes
from tests.permissions.world import World

# One to look down at, one's own, and one beside: every distance is there between these and the roles.
PLACES = ["committee", "branch", "foreign"]


def addresses() -> set[str]:
    """The name of every address in the resolver."""

    def walk(resolver: URLResolver, space: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
            elif isinstance(entry, URLPattern):
                yield f"{space}{entry.name}"

    return set(walk(get_resolver(), ""))


def public_pages(world: World) -> Iterator[Case]:
    for name in [
        "portal:home",
        "portal:accessibility",
        "portal:healthz",
        "portal:readyz",
        "pledges:public_list",
        "pledges:rss",
        "pledges:atom",
        "campaigns:public",
        "organizations:public_list",
    ]:
        yield Case(name, anyone, public_only_get)
    for word in ["办事时限", "金雀"]:
        yield Case("pledges:public_list", anyone, public_only_get, query=f"?q={word}", about=word)
        yield Case("pledges:rss", anyone, public_only_get, query=f"?q={word}", about=word)
    for place in PLACES:
        pk = world.places[place].pk
        yield Case("pledges:public_list", anyone, public_only_get, query=f"?organization={pk}", about=place)
    yield Case("campaigns:public_detail", anyone, public_only_get, {"code": "chuangxian-2010"})
    yield Case("organizations:public_pick", anyone, public_only_get, query="?q=党支部")
    yield Case("portal:size", lambda who: LOGIN, public_only_get, query="?to=lg&next=/")
    for (place, scope), publication in world.publications.items():
        if place not in PLACES:
            continue
        answer = {"outside": OK, "inside": MISSING, "withdrawn": GONE}[scope]
        yield Case(
            "pledges:public_detail",
            lambda who, a=answer: a,
            public_only_get,
            {"pk": publication.pk},
            about=f"{place} {scope}",
        )
    yield Case("account_login", lambda who: LOGIN if who.signed_in else OK, anyone)


def system_pages(world: World) -> Iterator[Case]:
    yield Case("portal:system", administrator, never)
    done = lambda who: LOGIN if not who.signed_in or who.name == "administrator" else MISSING  # noqa: E731
    for verb in ["revive", "dismiss"]:
        yield Case("portal:treat", never, done, {"sort": "event", "pk": 999999, "verb": verb}, about=verb)
    yield Case("portal:treat", never, done, {"sort": "task", "pk": 999999, "verb": "dismiss"}, about="task")
    yield Case("portal:remind_now", never, administrator)


def own_pages(world: World) -> Iterator[Case]:
    for name in [
        "portal:desk",
        "portal:style",
        "accounts:sessions",
        "notifications:index",
        "account_change_password",
    ]:
        post = signed_in if name == "account_change_password" else never
        yield Case(name, signed_in, post)
    yield Case("portal:keepalive", never, signed_in)
    yield Case("account_logout", signed_in, signed_in)
    yield Case("accounts:revoke_others", never, signed_in)
    yield Case("accounts:revoke", never, lambda who: LOGIN, {"handle": "nobodys"})
    kept = lambda who: MISSING if who.signed_in else LOGIN  # noqa: E731
    yield Case("accounts:kept", kept, kept, {"token": uuid.UUID(int=7)})
    yield Case("notifications:read_all", never, signed_in)
    yield Case("notifications:set_mail", never, signed_in)
    for owner, notice in list(world.notices.items())[::9]:
        mine = lambda who, owner=owner: LOGIN if not who.signed_in else LOGIN if who == owner else MISSING  # noqa: E731
        yield Case("notifications:open", mine, None or never, {"pk": notice.pk}, about=owner.name)


def pledge_pages(world: World) -> Iterator[Case]:
    for name in ["pledges:index", "pledges:published"]:
        yield Case(name, signed_in, never)
        yield Case(name, signed_in, never, query="?q=办事时限", about="searched")
    yield Case("pledges:index", signed_in, never, query="?tab=all", about="all")
    yield Case("pledges:new", signed_in, signed_in)
    for (place, state), pledge in world.pledges.items():
        if place == "branch" or (place in PLACES and state in {"draft", "submitted", "published"}):
            yield Case(
                "pledges:detail", seen_in(place, state), never, {"pk": pledge.pk}, about=f"{place} {state}"
            )
    for (place, scope), publication in world.publications.items():
        if place in PLACES and scope != "withdrawn":
            yield Case(
                "pledges:publication", signed_in, never, {"pk": publication.pk}, about=f"{place} {scope}"
            )


def writing_pages(world: World) -> Iterator[Case]:
    for place, state in itertools.product(PLACES, ["draft", "returned", "published"]):
        for name in WRITING:
            yield _writing(name, place, state, seen_in(place, state), world.pledges[place, state].pk)


def step_pages(world: World) -> Iterator[Case]:
    """Each step from a state it may start from and from one it may not."""
    for place, (verb, (sources, _)) in itertools.product(PLACES, STEPS.items()):
        for state in {min(sources), "published" if place == "branch" else min(sources)}:
            yield _step(verb, place, state, seen_in(place, state), world.pledges[place, state].pk)


WRITING = ["pledges:edit", "pledges:autosave", "pledges:resolve", "pledges:discard", "pledges:copy"]


def _writing(name: str, place: str, state: str, seen: Answer, pk: int) -> Case:
    def opens(who: Who) -> int:
        if name != "pledges:edit":
            return never(who)
        answer = holder_of("draft", place, seen=seen)(who)
        return answer if state in {"draft", "returned"} or answer != OK else LOGIN  # back to the pledge

    return Case(name, opens, holder_of("draft", place, seen=seen), {"pk": pk}, about=f"{place} {state}")


def _step(verb: str, place: str, state: str, seen: Answer, pk: int) -> Case:
    allowed = STEPS[verb][1]

    def answer(who: Who) -> int:
        if seen(who) != OK:
            return seen(who)
        sources = {state} & STEPS[verb][0] or STEPS[verb][0]
        return OK if who.post in allowed and takes(who, verb, next(iter(sources)), place) else FORBIDDEN

    data = {"reason": "指标不具体，请补充。", "scope": "outside"}
    return Case(
        "pledges:step", answer, answer, {"pk": pk, "verb": verb}, data=data, about=f"{verb} {place} {state}"
    )


def organization_pages(world: World) -> Iterator[Case]:
    yield Case("organizations:browse", signed_in, never)
    yield Case("organizations:my_permissions", signed_in, never)
    yield Case("organizations:audit", holder_anywhere("audit"), never)
    yield Case("organizations:act_as", never, lambda who: LOGIN)
    for query in ["", "?q=震泽", "?q=zz", "?q=9001"]:
        yield Case("organizations:pick", signed_in, never, query=query, about=query)
    yield Case("organizations:pick_in", signed_in, never, {"scope": "organizations.manage_organization"})
    yield Case("organizations:pick_in", missing, never, {"scope": "no.such_scope"}, about="unknown scope")
    for place in ["city", "committee", "branch", "foreign", "dangzu"]:
        yield from _organization(place, world.places[place].pk)


def _organization(place: str, pk: int) -> Iterator[Case]:
    """Names and affiliation are everyone's; what hangs on an organization is not."""
    here = {"pk": pk}
    yield Case("organizations:public_detail", anyone, public_only_get, here, about=place)
    yield Case("organizations:detail", signed_in, never, here, about=place)
    yield Case(
        "organizations:children", lambda who: LOGIN, never, here, about=place
    )  # the whole tree, without htmx
    yield Case("organizations:my_permissions", signed_in, never, query=f"?organization={pk}", about=place)

    def knows_posts(who: Who) -> int:
        return (
            LOGIN
            if not who.signed_in
            else OK
            if along_the_chain(who, place) or runs_the_root(who, place)
            else MISSING
        )

    yield Case("organizations:posts", knows_posts, never, here, about=place)
    managed = holder_of("manage", place)
    given = or_administrator(managed, place)
    for way in ["appoint", "account"]:
        yield Case("organizations:appoint", given, given, here | {"way": way}, about=f"{way} {place}")
    yield Case(
        "organizations:change", missing, missing, here | {"verb": "nonsense"}, about=f"nonsense {place}"
    )
    for verb in ["rename", "amend"]:
        yield Case("organizations:change", managed, managed, here | {"verb": verb}, about=f"{verb} {place}")
    for verb in ["reorder", "affiliate", "merge", "dissolve"]:  # the superior's office decides
        above = PARENT[place]
        by_superior = (
            holder_of("manage", above) if above else (lambda who: FORBIDDEN if who.signed_in else LOGIN)
        )
        yield Case(
            "organizations:change", by_superior, by_superior, here | {"verb": verb}, about=f"{verb} {place}"
        )
    rosters = holder_of("roster", place)
    yield Case("organizations:member_add", rosters, rosters, here, about=place)


def member_pages(world: World) -> Iterator[Case]:
    yield Case("organizations:members", signed_in, never)
    yield Case("organizations:members", signed_in, never, query="?name=金雀", about="searched")
    for name in ["organizations:export_organizations", "organizations:export_members"]:
        yield Case(name, never, holder_anywhere("export"))  # it is put on record, so it is no GET
    for place, member in world.members.items():
        here = {"pk": member.pk}
        seen = reader_of("member", place)
        rosters = holder_of("roster", place, seen=seen)
        yield Case("organizations:member", seen, never, here, about=place)
        yield Case(
            "organizations:member_phone", never, holder_of("phone", place, seen=seen), here, about=place
        )
        yield Case("organizations:member_edit", rosters, rosters, here, about=place)
        steps = {"transfer": _keeper_of_two(rosters, place, world), "confirm": rosters, "leave": rosters}
        for step, answer in steps.items():
            yield Case(
                "organizations:member_step", answer, answer, here | {"step": step}, about=f"{step} {place}"
            )


def _keeper_of_two(rosters: Answer, place: str, world: World) -> Answer:
    """A transfer needs a second roster to go to."""
    others = [other for other in world.members if other != place]

    def answer(who: Who) -> int:
        if rosters(who) == OK and not any(reads(who, "roster", other) for other in others):
            return FORBIDDEN
        return rosters(who)

    return answer


def people_pages(world: World) -> Iterator[Case]:
    """A person is looked up by the office of the place where they hold a post, or above.

    What is done with a post that decides, and with its holder's account, is done from above alone.
    """
    for who, user in world.users.items():
        if who.post == "secretary" and who.at in {"city", "committee", "branch", "foreign"}:
            yield from _person(who.at, user, "manage_below")
        elif who.post == "liaison" and who.at in {"city", "branch"}:
            yield from _person(who.at, user, "manage")


def _person(place: str, user: Any, right: str) -> Iterator[Case]:
    here = {"pk": user.pk}
    seen = reader_of("manage", place)
    found = or_administrator(seen, place)
    done = or_administrator(holder_of(right, place, seen=seen), place)
    yield Case("organizations:person", found, never, here, about=place)
    yield Case("organizations:password", found, never, here, about=place)
    for action in ["reset", "disable", "enable"]:
        yield Case("organizations:account", never, done, here | {"action": action}, about=f"{action} {place}")

    def explained(who: Who) -> int:
        return seen(who) if who.post in READS["manage"] else FORBIDDEN if who.signed_in else LOGIN

    yield Case("organizations:permissions_of", explained, never, here, about=place)
    appointment = user.appointments.get()
    yield Case("organizations:relieve", never, done, {"pk": appointment.pk}, about=place)


def import_pages(world: World) -> Iterator[Case]:
    yield Case("organizations:imports", signed_in, never)
    yield Case("organizations:import_template", signed_in, never)
    may = holder_anywhere("import")
    yield Case("organizations:import_new", may, may)
    for place in PLACES:
        found = world.imports[place]
        here = {"pk": found.pk}
        seen = reader_of("import", place)
        for name in ["import", "import_progress", "import_problems"]:
            yield Case(f"organizations:{name}", seen, never, here, about=place)
        for name in ["import_confirm", "import_cancel"]:  # only whoever uploaded it goes on
            others = lambda who, seen=seen: FORBIDDEN if seen(who) == OK else seen(who)  # noqa: E731
            yield Case(f"organizations:{name}", never, others, here, about=place)


def campaign_pages(world: World) -> Iterator[Case]:
    campaign = world.pledges["branch", "draft"].phase.campaign
    yield Case("campaigns:index", signed_in, never)
    yield Case("campaigns:detail", signed_in, never, {"pk": campaign.pk})
    manages = holder_of("campaign", "city")
    yield Case("campaigns:create", manages, manages)
    yield Case("campaigns:close", never, manages, {"pk": campaign.pk})


SECTIONS: list[Callable[[World], Iterator[Case]]] = [
    public_pages,
    own_pages,
    system_pages,
    pledge_pages,
    writing_pages,
    step_pages,
    organization_pages,
    member_pages,
    people_pages,
    import_pages,
    campaign_pages,
    # areas with a file of their own; it builds on answers.py, never on this one
    pages_vetting.vetting_pages,
    pages_vetting.publication_pages,
    pages_publicity.publicity_pages,
    pages_opinions.opinion_pages,
    pages_fulfilment.fulfilment_pages,
    pages_progress.progress_pages,
    pages_closing.closing_pages,
    pages_progress.document_pages,
    pages_summaries.summary_pages,
    pages_summaries.summary_steps,
    pages_rules.rules_pages,
    pages_channels.channel_pages,
    pages_rounds.round_pages,
    pages_members.member_pledge_pages,
    pages_plans.plan_pages,
    pages_plans.plan_objects,
    pages_plans.plan_steps,
]


def cases(world: World) -> list[Case]:
    return [case for section in SECTIONS for case in section(world)]
