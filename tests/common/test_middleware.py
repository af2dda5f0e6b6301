"""The law of headers and cookies, on every address there is (reliability.md G26)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from common.middleware import client_address

ROOT = Path(__file__).parents[2]
SAMPLE = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000"}


def addresses(patterns=None, before="/"):
    """One address for each pattern of the resolver; what an address names need not exist."""
    for entry in patterns or get_resolver().url_patterns:
        route = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLE.get(m[1], "x"), str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, before + route)
        elif isinstance(entry, URLPattern):
            yield before + route


def policy(answer):
    return dict(
        part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";")
    )


def assert_lawful(answer):
    rules = policy(answer)
    assert rules["script-src"] == rules["style-src"] == rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert answer.status_code < 500
    if is_public(answer):
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert not answer.cookies
    else:
        assert {"private", "no-store"} <= set(re.split(r",\s*", answer.headers["Cache-Control"]))


def is_public(answer):
    return "public" in answer.headers["Cache-Control"]


def ask(client, path):
    client.raise_request_exception = False
    return [client.get(path), client.post(path), client.get(path, HTTP_HX_REQUEST="true")]


@pytest.mark.parametrize("path", sorted(set(addresses())))
def test_every_address_keeps_the_law(path, person):
    visitor, signed_in = Client(), Client()
    signed_in.force_login(person("secretary", "branch"))
    for answer in ask(visitor, path) + ask(signed_in, path):
        assert_lawful(answer)


@pytest.mark.parametrize("path", ["/no/such/page/", "/desk/no/such/page/", "/accounts/signup/"])
def test_refusals_keep_it_too(path, person):
    signed_in = Client()
    signed_in.force_login(person("secretary", "branch"))
    for answer in ask(Client(), path) + ask(signed_in, path):
        assert answer.status_code == 404
        assert_lawful(answer)


def test_a_refused_form_keeps_it_too(person):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("secretary", "branch"))
    answer = strict.post("/desk/keepalive/")
    assert answer.status_code == 403
    assert_lawful(answer)


def test_a_wrong_host_is_refused_with_headers(client, db):
    answer = client.get("/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_breaks_keeps_it_too(client, db, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("allauth.account.views.LoginView.get_context_data", broken)
    client.raise_request_exception = False
    answer = client.get("/accounts/login/")
    assert answer.status_code == 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert {"private", "no-store"} <= set(re.split(r",\s*", answer.headers["Cache-Control"]))
    assert answer.headers["X-Request-ID"] in answer.content.decode()


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client, person):
    user = person("secretary", "branch")
    client.post("/accounts/login/", {"login": user.username, "password": "Test-pass-1"})
    for name in [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME]:
        cookie = client.cookies[name]
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""


def production(script):
    given = {
        "DJANGO_SETTINGS_MODULE": "chuangxian.settings.production",
        "SECRET_KEY": "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "portal.example",
    }
    of_the_browser_tests = "DJANGO_ALLOW_ASYNC_UNSAFE"
    env = {name: value for name, value in os.environ.items() if name != of_the_browser_tests} | given
    return subprocess.run([sys.executable, *script], cwd=ROOT, env=env, capture_output=True, text=True)


def test_in_production_cookies_are_bound_to_the_host_and_to_tls():
    names = ["SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE"]
    script = f"import json; from django.conf import settings; print(json.dumps([getattr(settings, n) for n in {names}]))"
    assert json.loads(production(["-c", script]).stdout) == ["__Host-session", True, "__Host-csrf", True]


def test_djangos_own_check_of_production_has_nothing_to_say():
    done = production(["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("header", "sent", "address"),
    [
        ("", {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_REAL_IP": "192.0.2.9"}, "192.0.2.1"),
        ("", {"REMOTE_ADDR": "2001:db8::1"}, "2001:db8::1"),
        ("", {"REMOTE_ADDR": ""}, None),
        ("HTTP_X_REAL_IP", {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_REAL_IP": " 192.0.2.9 "}, "192.0.2.9"),
        ("HTTP_X_REAL_IP", {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_REAL_IP": "x'; DROP TABLE"}, None),
    ],
)
def test_the_address_is_the_proxys_word_only_where_there_is_a_proxy(settings, header, sent, address):
    settings.CLIENT_ADDRESS_HEADER = header
    assert client_address(RequestFactory().get("/", **sent)) == address


def test_pieces_that_refresh_themselves_say_so():
    """Else a page left open would keep its session alive for ever (accounts.middleware.POLL)."""
    for page in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<[^<>]*hx-trigger=\"[^\"]*every[^<]*", page.read_text()):
            assert "X-Poll" in tag, page
