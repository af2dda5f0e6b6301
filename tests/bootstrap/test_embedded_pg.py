"""The embedded server with real processes: start, start again, kill, start, stop."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from common.embedded_pg import Account, EmbeddedPostgresError, FolderUnusable, OtherVersion, Server, account
from common.embedded_pg.server import SETTINGS, processes_in


@pytest.fixture
def open_folder():
    """Short enough for a socket, and reachable by the account that runs the server: pytest's own is neither."""
    with tempfile.TemporaryDirectory(prefix="cx-pg-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def place(open_folder):
    return open_folder / "pg"


@pytest.fixture
def server(place):
    server = Server(place, throw_away=True)
    yield server
    server.destroy()


def postmaster(server):
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_starting_twice_is_one_server_and_stopping_leaves_no_process(server):
    first = postmaster(server.start())
    assert postmaster(server.start()) == first
    server.create_database("portal")
    server.create_database("portal")
    assert server.has_database("portal")
    server.stop()
    assert not processes_in(server.data)
    server.stop()  # nothing to stop is fine


def test_a_killed_server_starts_again_with_its_data(server):
    server.start().create_database("kept")
    os.kill(postmaster(server), signal.SIGKILL)
    assert server.start().has_database("kept")


def test_a_pid_file_naming_a_stranger_is_dropped(server):
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.start()
    assert postmaster(server) != os.getpid()


def test_a_half_finished_initdb_is_made_again(server):
    half = server.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert server.start().is_up()
    assert not half.exists()


def test_simultaneous_starts_end_in_one_server(server):
    code = (
        "import sys, pathlib; from common.embedded_pg import Server;"
        "s = Server(pathlib.Path(sys.argv[1]), throw_away=True).start();"
        "print((s.data / 'postmaster.pid').read_text().split()[0])"
    )
    root = Path(__file__).parents[2]
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, server.place], cwd=root, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert {start.communicate(timeout=60)[0].strip() for start in starts} == {str(postmaster(server))}


def test_the_last_user_stops_it(server):
    with server.in_use():
        with Server(server.place, throw_away=True).in_use():
            pass
        assert server.is_up()
    assert not server.is_up()
    assert not processes_in(server.data)


def test_dropping_a_database_works_while_somebody_is_connected(server):
    server.start().create_database("portal")
    connection = server.connect("portal")
    server.drop_database("portal")
    assert not server.has_database("portal")
    connection.close()


def test_a_long_path_gets_its_socket_elsewhere(place):
    deep = place / ("d" * 80)
    place.mkdir()
    server = Server(deep, throw_away=True)
    try:
        assert server.start().is_up()
        assert deep not in server.socket_folder.parents
    finally:
        server.destroy()
    assert not server.socket_folder.exists()


def test_a_cluster_of_another_version_is_refused_with_the_way_out(server):
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(OtherVersion, match="--fresh"):
        server.start()


def test_a_folder_that_cannot_be_made_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderUnusable, match="--data"):
        Server(tmp_path / "file" / "deeper" / "pg").start()


def test_a_link_in_the_place_of_the_folder_is_not_followed(place):
    place.parent.joinpath("elsewhere").mkdir()
    place.symlink_to(place.parent / "elsewhere")
    with pytest.raises(FolderUnusable):
        Account.choose().own(place)


def test_a_server_that_cannot_start_says_where_its_log_is(server, monkeypatch):
    monkeypatch.setitem(SETTINGS, "shared_buffers", "nonsense")
    with pytest.raises(EmbeddedPostgresError, match="server.log") as caught:
        server.start()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to an ordinary account")
def test_as_root_a_closed_folder_falls_back_and_parents_stay_as_they_are(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    server = Server(closed / "pg", throw_away=True)
    try:
        server.start()
        assert server.folder.parent == account.FALLBACK
        assert os.stat(f"/proc/{postmaster(server)}").st_uid == server.account.uid != 0
        assert closed.stat().st_mode & 0o777 == tmp_path.stat().st_mode & 0o777 == 0o700
    finally:
        server.destroy()
    assert not server.folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to an ordinary account")
def test_as_root_closed_programs_are_copied_once(server, open_folder, monkeypatch):
    monkeypatch.setattr(account, "FALLBACK", open_folder)
    monkeypatch.setattr(Account, "reaches", lambda account, path: "pginstall" not in str(path))
    began = time.monotonic()
    assert server.start().is_up()
    assert server.bins.is_relative_to(open_folder)
    assert Server(server.place).bins == server.bins
    assert time.monotonic() - began < 30
