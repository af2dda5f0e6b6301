"""``run``, the bootstrap file: what it reads, what it says, how it recovers."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The file as a module, its environment moved to an empty folder."""
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_script", loader))
    loader.exec_module(module)
    for name, value in {"VENV": ".venv", "PYTHON": ".venv/bin/python", "STAMP": ".venv/.complete"}.items():
        setattr(module, name, tmp_path / value)
    return module


def test_it_needs_the_standard_library_only():
    code = "import runpy, sys; runpy.run_path('run', run_name='checked'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} <= set(sys.stdlib_module_names) | {
        "__main__"
    }
    assert done.returncode == 0


def test_the_mirror_set_up_for_pip_is_said_again_for_uv(run):
    listing = """
        global.cert='/etc/ssl/ca.pem'
        global.extra-index-url='https://one.example/simple https://two.example/simple'
        global.find-links='/opt/wheels /opt/more'
        global.index-url='https://mirror.example/simple'
        global.quiet='1'
    """
    assert run.for_uv(run.pip_settings(listing)) == {
        "SSL_CERT_FILE": "/etc/ssl/ca.pem",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/opt/wheels,/opt/more",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
    }


def test_the_environment_wins_over_install_and_install_over_global(run):
    listing = ":env:.index-url='https://env'\nglobal.index-url='https://global'\ninstall.index-url='https://install'"
    assert run.pip_settings(listing) == {"index-url": "https://env"}
    assert run.pip_settings("install.index-url='b'\nglobal.index-url='a'") == {"index-url": "b"}
    assert run.pip_settings("download.index-url='other command'\nnonsense\nglobal.timeout=broken'") == {}


def test_no_mirror_is_no_setting(run):
    assert run.for_uv(run.pip_settings("")) == {}


def test_what_is_set_for_uv_already_wins(run, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert run.mirror()["UV_DEFAULT_INDEX"] == "https://pip.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert "UV_DEFAULT_INDEX" not in run.mirror()


def interrupted(run, *, with_stamp=""):
    run.VENV.mkdir()
    if with_stamp:
        run.PYTHON.parent.mkdir()
        run.PYTHON.symlink_to(sys.executable)
        run.STAMP.write_text(with_stamp)


def test_a_complete_environment_is_left_alone(run, monkeypatch):
    interrupted(run, with_stamp=run.wanted())
    monkeypatch.setattr(run, "install", lambda: pytest.fail("nothing to install"))
    run.ensure()


def test_another_lock_installs_again_and_keeps_a_working_interpreter(run, monkeypatch):
    interrupted(run, with_stamp="of yesterday")
    done = []
    monkeypatch.setattr(run, "is_usable", lambda: True)
    monkeypatch.setattr(run, "make_venv", lambda: pytest.fail("the interpreter is fine"))
    monkeypatch.setattr(run, "install", lambda: done.append(run.STAMP.exists()))
    run.ensure()
    assert done == [False], "the stamp goes before, so that an interruption is seen"
    assert run.STAMP.read_text() == run.wanted()


def test_a_half_made_environment_is_made_again(run, monkeypatch):
    interrupted(run)
    monkeypatch.setattr(run, "install", lambda: None)
    run.ensure()
    assert run.is_usable()
    assert run.is_complete()


def test_an_interrupted_install_is_not_taken_for_done(run, monkeypatch):
    monkeypatch.setattr(run, "make_venv", lambda: interrupted(run, with_stamp="x"))
    monkeypatch.setattr(run, "install", lambda: run.call("false"))
    with pytest.raises(SystemExit) as caught:
        run.ensure()
    assert caught.value.code == run.USAGE
    assert not run.is_complete()


def test_a_missing_venv_module_names_the_package(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "has_venv_module", lambda: False)
    with pytest.raises(SystemExit) as caught:
        run.ensure()
    assert caught.value.code == run.USAGE
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_uv_failing_falls_back_to_pip_and_pip_failing_is_one_line(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "mirror", dict)
    monkeypatch.setattr(
        run.subprocess, "call", lambda command, **more: 0 if str(run.UV_LOCK) in command else 1
    )
    with pytest.raises(SystemExit):
        run.install()
    told = capsys.readouterr().err.splitlines()
    assert "pip" in told[0]
    assert "pip config list" in told[1]
    assert len(told) == 2


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--help"], 0), (["nonsense"], 2)])
def test_usage_is_printed_for_no_verb_and_for_an_unknown_one(words, code):
    done = subprocess.run([sys.executable, "run", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code
    assert "./run demo" in done.stdout


def test_check_reports_every_failure_and_not_only_the_first(run, monkeypatch, capfd):
    fail = [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"]
    fine = [sys.executable, "-c", "print('noise')"]
    monkeypatch.setattr(run, "checks", lambda: [("one", fail, {}), ("two", fine, {}), ("three", fail, {})])
    with pytest.raises(SystemExit) as caught:
        run.check(["--no-tests"])
    told = capfd.readouterr()
    assert caught.value.code == 1
    assert "failed: one, three" in told.err
    assert told.out.count("the reason") == 2
    assert "noise" not in told.out


def test_every_locked_package_is_pinned_by_hashes():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        entries = [
            line
            for line in (ROOT / name).read_text().splitlines()
            if line and not line.startswith((" ", "#"))
        ]
        assert entries
        assert all("==" in entry and entry.endswith("\\") for entry in entries), name
