"""docker-compose.yml against the compose schema, and against what the rest of the repository says.

No container engine is at hand where the tests run: the schema (compose-spec.json, Apache-2.0) stands in for one.
"""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
# read by libraries or by the shell, not by us
FOREIGN = {"HOSTNAME", "PATH", "PYTEST_XDIST_WORKER"}
READ_IN_PYTHON = re.compile(r'environ(?:\.get|\.setdefault)?[\[(]\s*"([A-Z][A-Z0-9_]+)"')
READ_IN_SHELL = re.compile(r"(?<!\$)\$\{([A-Z][A-Z0-9_]+)")


def test_it_is_valid():
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


def test_the_schema_would_notice_a_mistake():
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"web": {"imagee": "x"}}}, schema)


def test_every_part_is_there():
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "beat", "nginx"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_nginx_has_ports():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_every_service_waits_for_what_exists():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_files_that_the_images_need_are_not_ignored():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"chuangxian"}
    assert apps <= kept
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert all((ROOT / name).exists() for names in copied for name in names.split())
    assert "deploy/tls" in (ROOT / ".dockerignore").read_text().split(), "keys stay out of images"


def variables():
    """Every environment variable that something of ours reads, with the file that reads it."""
    sources = [*ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.py"), ROOT / "run", ROOT / "manage.py"]
    sources = [
        path for path in sources if not path.is_relative_to(ROOT / "tests") and ".venv" not in path.parts
    ]
    sources += [ROOT / "tests/pgplugin.py", ROOT / "tests/browser/conftest.py"]
    found = {(name, path) for path in sources for name in READ_IN_PYTHON.findall(path.read_text())}
    for path in (ROOT / "docker-compose.yml", ROOT / "deploy/web.sh"):
        found |= {(name, path) for name in READ_IN_SHELL.findall(path.read_text())}
    return sorted(
        (name, path.name) for name, path in found if name not in FOREIGN and name != "CX_TEST_SERVER"
    )


@pytest.mark.parametrize(("name", "reader"), variables())
def test_every_variable_is_documented(name, reader):
    assert f"`{name}`" in (ROOT / "README.md").read_text(), (
        f"{reader} reads {name}; README.md does not tell of it"
    )


def test_the_variables_are_found():
    assert {name for name, _ in variables()} >= {
        "DATABASE_URL",
        "SECRET_KEY",
        "POSTGRES_PASSWORD",
        "WEB_WORKERS",
    }
