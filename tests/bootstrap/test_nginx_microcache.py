"""deploy/nginx.conf as it is shipped, run by Debian's nginx in front of a real web server with production settings.

Only ports and paths are replaced. The cache time is two seconds instead of ten; nginx counts whole seconds, so a page
may be up to one second older.
"""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from campaigns.models import Subject
from pledges import services
from pledges.texts import blank_text

ROOT = Path(__file__).parents[2]
HOST = "portal.example"
SECONDS = 2
TITLE = "财政窗口十五分钟办结"
MISSING = "没有找到 nginx：apt-get install nginx-light openssl / nginx is missing"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def nginx():
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found and shutil.which("openssl"):
        return found
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER=1: {MISSING}")
    pytest.skip(MISSING)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory(prefix="cx-nginx-") as name:
        path = Path(name)
        path.chmod(0o755)  # nginx's workers are not root
        yield path


@pytest.fixture(scope="module")
def collected(folder):
    """Static files with hashed names, as the nginx image holds them."""
    storages = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=folder / "srv" / "static", STORAGES=storages):
        call_command("collectstatic", "--noinput", verbosity=0)
    return folder / "srv" / "static"


@pytest.fixture(scope="module")
def certificate(folder):
    (folder / "tls").mkdir()
    names = [
        "-keyout",
        folder / "tls/privkey.pem",
        "-out",
        folder / "tls/fullchain.pem",
        "-subj",
        f"/CN={HOST}",
    ]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "tls"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port, process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def url_of_the_test_database():
    settings = connection.settings_dict
    where = f"{quote(settings['HOST'], safe='')}" + (f":{settings['PORT']}" if settings["PORT"] else "")
    who = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    return f"postgres://{who}@{where}/{settings['NAME']}"


@pytest.fixture
def started(folder):
    """started("web", command, port) -> the process, once it listens; all are ended with the test."""
    running = []

    def start(name, command, port, **variables):
        log = folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        wait_until_open(port, process, log)
        return process

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.fixture
def front(nginx, folder, collected, certificate, started, transactional_db):
    """nginx and the portal behind it; ``get`` asks over TLS as a visitor does."""
    ports = SimpleNamespace(web=free_port(), plain=free_port(), tls=free_port())
    (folder / "settings_under_test.py").write_text(
        f"from chuangxian.settings.production import *\n"
        f"PUBLIC_CACHE_SECONDS = {SECONDS}\nSTATIC_ROOT = {str(collected)!r}\n"
    )
    web = started(
        "web",
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", ports.web]
        + [
            "--blocking-threads",
            "2",
            "--backpressure",
            "16",
            "--no-access-log",
            "chuangxian.wsgi:application",
        ],
        ports.web,
        DJANGO_SETTINGS_MODULE="settings_under_test",
        PYTHONPATH=f"{folder}:{ROOT}",
        DATABASE_URL=url_of_the_test_database(),
        SECRET_KEY="only-here-" * 6,
        ALLOWED_HOSTS=HOST,
    )
    write_configuration(folder, ports)
    started("nginx", [nginx, "-p", folder, "-c", folder / "nginx.conf"], ports.tls)
    return SimpleNamespace(
        get=lambda path, **headers: get(ports.tls, path, headers),
        web=web,
        ports=ports,
        log=folder / "access.log",
    )


def write_configuration(folder, ports):
    shipped = (ROOT / "deploy/nginx.conf").read_text()
    places = {
        "server web:8000;": f"server 127.0.0.1:{ports.web};",
        "listen 8080;": f"listen 127.0.0.1:{ports.plain};",
        "listen 8443 ": f"listen 127.0.0.1:{ports.tls} ",
        "/etc/nginx/tls/": f"{folder}/tls/",
        "/var/cache/nginx/": f"{folder}/cache/",
        "root /srv/portal;": f"root {folder}/srv;",
    }
    for old, new in places.items():
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    (folder / "cache").mkdir(mode=0o777)
    (folder / "cache").chmod(0o777)
    (folder / "portal.conf").write_text(shipped)
    kinds = "".join(
        f"{kind}_temp_path {folder}/cache/{kind};" for kind in ("client_body", "proxy", "fastcgi")
    )
    kinds += "".join(f"{kind}_temp_path {folder}/cache/{kind};" for kind in ("uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr warn; worker_processes 1;"
        f"events {{}} http {{ access_log {folder}/access.log; "
        "types { text/html html; text/css css; application/javascript js;"
        f" image/svg+xml svg; }} default_type application/octet-stream; {kinds} include {folder}/portal.conf; }}"
    )


def _visitor(port, address="127.0.0.1"):
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=20, context=trust, source_address=(address, 0)
    )


def get(port, path, headers=None, method="GET", address="127.0.0.1"):
    asked = _visitor(port, address)
    asked.request(method, path, headers={"Host": HOST, **(headers or {})})
    answer = asked.getresponse()
    found = SimpleNamespace(
        status=answer.status, headers=answer.headers, text=answer.read().decode(errors="replace")
    )
    asked.close()
    found.cache = answer.headers.get("X-Cache")
    return found


@pytest.fixture
def published(chain, person, campaign):
    """The branch's pledge, brought to the public page through every hand."""
    phase = campaign.phases.get(number=3)
    author = person("secretary", "branch")
    pledge = services.create_draft(chain["branch"], phase, by=author)
    item = {"key": "a" * 12, "content": "全年上门办税十二次", "measures": "每月第一个星期五到企业"}
    item |= {"responsible": "沈明", "due_on": "2011-12-20", "baseline": "", "target": "", "unit": ""}
    category = campaign.rubric.filter(subject=Subject.ORGANIZATION).first()
    text = blank_text(title=TITLE, category=category.pk, directions=["masses"], items=[item])
    services.save(pledge, text, version=1, by=author)
    services.submit(pledge, by=author)
    services.approve(pledge, by=person("secretary", "general"))
    services.propose(pledge, by=author, scope="outside")
    services.clear(pledge, by=person("office", "city"))
    services.publish(pledge, by=person("office_director", "city"))
    return pledge


def test_public_pages_come_from_the_cache_and_are_gone_when_withdrawn(front, published, person):
    page = reverse("pledges:public_list")
    first, second = front.get(page), front.get(page)
    assert (first.cache, second.cache) == ("MISS", "HIT")
    assert TITLE in first.text
    assert second.text == first.text
    assert f"s-maxage={SECONDS}" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    assert first.headers["Content-Security-Policy"]

    time.sleep(SECONDS + 1)
    assert front.get(page).cache in ("EXPIRED", "REVALIDATED")  # kept anew, moments before the withdrawal
    services.withdraw(published, by=person("office_director", "city"), reason="文字有误，改后重新公开")
    withdrawn = time.monotonic()
    while TITLE in front.get(page).text:
        assert time.monotonic() - withdrawn <= SECONDS + 1, "a withdrawn pledge is still served"
        time.sleep(0.05)
    for _ in range(20):
        assert TITLE not in front.get(page).text, "it must not come back"


def test_pages_of_persons_are_never_kept(front, published):
    page = reverse("pledges:public_list")
    front.get(page)
    assert front.get(page).cache == "HIT"
    assert front.get(page, Cookie="__Host-session=abc").cache == "BYPASS"
    assert front.get(page, Cookie="other=1; __Host-session=abc").cache == "BYPASS"
    for path in (reverse("portal:desk"), reverse("account_login")):
        answers = [front.get(path), front.get(path)]
        assert [answer.cache for answer in answers] == ["MISS", "MISS"], path
        assert "no-store" in answers[0].headers["Cache-Control"]


def test_static_files_come_straight_from_the_disk_and_stay_for_good(front):
    hashed = re.search(r"/static/[^\"' ]+\.[0-9a-f]{12}\.css", front.get("/").text)[0]
    answer = front.get(hashed)
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Request-ID" not in answer.headers
    assert front.get(hashed, **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def test_plain_http_is_sent_to_tls_and_a_large_body_is_refused(front):
    plain = http.client.HTTPConnection("127.0.0.1", front.ports.plain, timeout=10)
    plain.request("GET", "/pledges/", headers={"Host": HOST})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/pledges/")
    plain.close()
    too_much = {"Content-Length": str(21 * 1024 * 1024)}
    assert get(front.ports.tls, reverse("account_login"), too_much, method="POST").status == 413


def test_the_secret_address_of_a_calendar_is_in_no_log(front):
    assert front.get("/calendar/nobody-has-this.ics").status == 404
    front.get("/?after")
    logged = front.log.read_text()
    assert "/?after" in logged
    assert "nobody-has-this" not in logged


def test_nothing_stale_is_served_while_the_portal_is_down(front):
    assert front.get("/").status == 200
    front.web.terminate()
    front.web.wait(20)
    time.sleep(SECONDS + 1)
    answer = front.get("/")
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert "请过一分钟再试" in answer.text


DEAR = [  # what a flood finds, with the burst that still passes
    ("POST", "account_login", [], "", 30),
    ("GET", "pledges:public_list", [], "?q=%E5%8A%9E%E7%BB%93", 60),
    ("GET", "pledges:rss", [], "", 60),
    ("GET", "pledges:public_members", [], "?q=%E5%8A%9E%E7%BB%93", 60),
    ("GET", "pledges:members_atom", [], "", 60),
    ("POST", "organizations:export_members", [], "", 20),
    ("POST", "organizations:import_new", [], "", 20),
    ("POST", "organizations:account", [1, "reset"], "", 20),
]


@pytest.mark.parametrize(("method", "name", "args", "query", "burst"), DEAR, ids=[row[1] for row in DEAR])
def test_one_network_cannot_flood_what_is_dear_and_others_do_not_notice(
    front, method, name, args, query, burst
):
    path = reverse(name, args=args) + query
    visitor, answer, passed = _visitor(front.ports.tls), None, -1
    while passed < 20 * burst and (answer is None or answer.status != 429):
        visitor.request(method, path, headers={"Host": HOST})
        answer, passed = visitor.getresponse(), passed + 1
        said = answer.read().decode()
    visitor.close()
    assert burst < passed < 20 * burst, "an office behind one address is served, a flood is not"
    assert "请过一分钟再试" in said
    assert answer.headers["Retry-After"] == "60"
    assert get(front.ports.tls, path, method=method, address="127.0.0.2").status != 429
    assert front.get(reverse("pledges:public_list")).status == 200, "plain reading is never counted"
