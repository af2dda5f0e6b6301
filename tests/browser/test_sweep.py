"""Every page of the portal in a real browser, at both sizes: WCAG, console, no sideways scroll.

The pages are those of the permission matrix, so a new address is swept as soon as it has its line there.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.permissions.oracle import ROLES
from tests.permissions.pages import OK, cases
from tests.permissions.world import build

BY_NAME = {who.name: who for who in ROLES}
READERS = {  # whoever finds the most on the pages of that kind
    "public": "visitor",
    "branch": "secretary@branch",
    "office": "office@city",
    "director": "office_director@city",
    "administrator": "administrator",
}
FILES = {
    "pledges:rss",
    "pledges:atom",
    "pledges:members_rss",
    "pledges:members_atom",
    "portal:healthz",
    "portal:readyz",
    "campaigns:calendar_feed",
}
PIECES = {
    "organizations:pick",
    "organizations:pick_in",
    "organizations:public_pick",
    "organizations:import_progress",
}
DOWNLOADS = {
    "organizations:export_organizations",
    "organizations:export_members",
    "organizations:import_template",
    "organizations:import_problems",
    "pledges:plan_document",
    "pledges:plan_sheet",
    "pledges:progress_attachment",
    "pledges:archive_download",
    "pledges:letter",
    "pledges:letters",
    "pledges:poster",
    "campaigns:sheet_file",
    "campaigns:owing_file",
    "campaigns:snapshot_sheet",
    "campaigns:snapshot_circular",
    "campaigns:summary_document",
    "campaigns:phase_download",
}


@pytest.fixture
def world(transactional_db, chain, phase):
    return build(chain, phase)


def pages_of(world, reader):
    """One address for each page this reader opens; the first of each name and kind."""
    who, chosen = BY_NAME[READERS[reader]], {}
    for case in cases(world):
        kind = (
            case.name,
            case.kwargs.get("verb"),
            case.kwargs.get("way"),
            case.kwargs.get("step"),
            case.kwargs.get("source"),
        )
        if case.name in FILES | PIECES | DOWNLOADS or case.get(who) != OK or kind in chosen:
            continue
        if reader == "public" or case.get(BY_NAME["visitor"]) != OK:
            chosen[kind] = case
    return list(chosen.values())


@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_accessible_silent_and_fits(reader, world, live, screen, axe, fits, console):
    if reader != "public":
        client = Client()
        client.force_login(world.users[BY_NAME[READERS[reader]]])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        url = live.url
        screen.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    faults = []
    pages = pages_of(world, reader)
    assert len(pages) > {"public": 5, "administrator": 8}.get(reader, 15)
    for case in pages:
        screen.goto(case.url)
        for check in (axe, fits):
            try:
                check(screen)
            except AssertionError as fault:
                faults.append(f"{case}: {fault}")
        faults += [f"{case}: {error}" for error in console.unexpected]
        console.errors.clear()
    assert not faults, "\n".join(faults)


def test_the_large_type_fits_the_phone_too(world, live, phone, fits):
    client = Client()
    client.force_login(world.users[BY_NAME["secretary@branch"]])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    url = live.url
    phone.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": url}, {"name": "size", "value": "lg", "url": url}]
    )
    for case in pages_of(world, "branch"):
        phone.goto(case.url)
        assert phone.evaluate("document.documentElement.dataset.size") == "lg", case
        fits(phone)
