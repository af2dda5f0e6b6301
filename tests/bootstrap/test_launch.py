"""The launcher with real processes: everything it starts ends with it, whatever ends it."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from chuangxian.launch import __main__ as launcher
from chuangxian.launch import prepare
from chuangxian.launch.console import LaunchError, table, width
from chuangxian.launch.processes import RESTARTS, Child, Stopped, StopRequest, Supervisor

ROOT = Path(__file__).parents[2]
FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {inner!r}]); time.sleep(300)"


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, patience=10):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def child(tmp_path, code, name="child"):
    return Child(name, [sys.executable, "-c", code], dict(os.environ), tmp_path / f"{name}.log", ROOT)


@pytest.fixture
def supervisor():
    supervisor = Supervisor(StopRequest())
    yield supervisor
    supervisor.stop()


def group_of(child):
    found = subprocess.run(["pgrep", "-g", str(child.process.pid)], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split() if is_alive(pid)]


def test_stopping_a_child_takes_its_own_children_along(tmp_path):
    family = child(tmp_path, FAMILY.format(inner="import time; time.sleep(300)"))
    family.start()
    wait_for(lambda: len(group_of(family)) == 2)
    members = group_of(family)
    family.stop()
    wait_for(lambda: not any(is_alive(pid) for pid in members))


def test_a_child_that_will_not_end_is_killed(tmp_path):
    stubborn = child(
        tmp_path,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(300)",
    )
    stubborn.start()
    wait_for(lambda: "deaf" in stubborn.last_words())
    pid = stubborn.process.pid
    stubborn.stop(patience=0.2)
    assert not is_alive(pid)


def test_the_death_of_the_web_server_is_reported_with_its_last_words(tmp_path, supervisor):
    supervisor.start(
        child(tmp_path, "print('no module of that name'); raise SystemExit(3)", "web"), is_essential=True
    )
    with pytest.raises(LaunchError, match=r"web ended \(3\).*web.log \[no module of that name\]"):
        supervisor.watch(interval=0.05)


def test_a_killed_worker_is_started_again(tmp_path, supervisor, capsys):
    worker = child(tmp_path, "import time; time.sleep(300)", "worker")
    supervisor.start(worker, is_essential=False)
    first = worker.process.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: worker.exit_code is not None)
    supervisor.check()
    assert is_alive(worker.process.pid)
    assert worker.process.pid != first
    assert "worker ended unexpectedly (-9)" in capsys.readouterr().err


def test_a_worker_that_keeps_dying_ends_everything(tmp_path, supervisor):
    worker = child(tmp_path, "raise SystemExit(1)", "worker")
    supervisor.start(worker, is_essential=False)
    with pytest.raises(LaunchError, match="worker ended"):
        supervisor.watch(interval=0.01)
    assert len(supervisor._deaths) == RESTARTS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_launcher_that_is_killed_outright_takes_its_children_along(tmp_path):
    code = f"""
        import os, sys, time
        from pathlib import Path
        from chuangxian.launch.processes import Child
        log = Path({str(tmp_path)!r}) / "log"
        child = Child("c", [sys.executable, "-c", "import time; time.sleep(300)"], dict(os.environ), log, Path("."))
        child.start()
        print(child.process.pid, flush=True)
        time.sleep(300)
    """
    launcher_process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    grandchild = int(launcher_process.stdout.readline())
    launcher_process.kill()
    launcher_process.communicate()
    wait_for(lambda: not is_alive(grandchild))


def test_a_busy_port_names_a_free_one():
    with socket.socket() as taken:
        taken.bind((launcher.HOST, 0))
        taken.listen()
        with pytest.raises(LaunchError, match=r"--port \d+"):
            launcher._check_port(taken.getsockname()[1])


def test_an_impossible_port_is_one_line(capsys):
    assert launcher.main(["demo", "--port", "99999"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_second_demo_on_the_same_data_names_the_first(tmp_path):
    with (
        launcher._only_one(tmp_path, 8123),
        pytest.raises(LaunchError, match="8123"),
        launcher._only_one(tmp_path, 8124),
    ):
        pass


def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert launcher.main(["demo", "--data", str(tmp_path / "file" / "deeper")]) == 2
    told = capsys.readouterr().err
    assert "--data" in told
    assert told.count("\n") == 1


def test_columns_line_up_on_a_terminal_where_chinese_takes_two():
    lines = table([("帐户", "who"), ("a", "张三"), ("abcdef", "b")]).splitlines()
    assert [
        width(line[: line.rindex(last)]) for line, last in zip(lines, ("who", "张三", "b"), strict=True)
    ] == [10] * 3


def test_static_files_are_collected_only_when_one_changed(tmp_path, monkeypatch):
    calls = []
    source = tmp_path / "a.css"
    source.write_text("a{}")
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "_static_sources", lambda: [source])
    for text in ("a{}", "a{}", "b{}"):
        source.write_text(text)
        prepare.static(tmp_path, lambda *words: calls.append(words[0]))
    assert calls == ["collectstatic", "collectstatic"]


def test_a_management_command_that_fails_is_told_by_its_last_line():
    manage = prepare.manager(
        {**os.environ, "DJANGO_SETTINGS_MODULE": "chuangxian.settings.test"}, StopRequest()
    )
    with pytest.raises(LaunchError, match=r"nonsense.*--fresh"):
        manage("nonsense")


def test_a_signal_during_a_management_command_ends_it_and_the_start():
    stop_request = StopRequest()
    manage = prepare.manager(
        {**os.environ, "DJANGO_SETTINGS_MODULE": "chuangxian.settings.test"}, stop_request
    )
    with stop_request.listening():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            manage("shell", "-c", "import time; time.sleep(300)")


def test_a_second_signal_does_not_break_off_the_stopping(tmp_path, supervisor):
    worker = child(tmp_path, "import time; time.sleep(300)")
    with supervisor.stop_request.listening():
        supervisor.start(worker, is_essential=False)
        pid = worker.process.pid
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped):
            supervisor.watch()
        os.kill(os.getpid(), signal.SIGINT)
        supervisor.stop()
    assert not is_alive(pid)
