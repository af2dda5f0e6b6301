"""Demo data are loaded once, and a start that broke off is made good by the next one."""

import tempfile
from pathlib import Path

import pytest

from chuangxian.launch import prepare
from chuangxian.launch.console import LaunchError
from chuangxian.launch.database import LOADING, NAME, READY, Database, database
from common.embedded_pg import Server


@pytest.fixture
def base(monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    with tempfile.TemporaryDirectory(prefix="cx-first-") as name:
        Path(name).chmod(0o755)
        with database(Path(name)) as base:
            yield base


class Manage:
    """Stands for manage.py: notes what was called, makes one table, and breaks off where it is told to."""

    def __init__(self, base: Database, breaks_at: str = "") -> None:
        self.base, self.breaks_at, self.calls = base, breaks_at, []

    def __call__(self, *words: str) -> None:
        self.calls.append(words[0])
        if words[0] == "migrate":
            with self.base._cursor() as cursor:
                cursor.execute("CREATE TABLE IF NOT EXISTS accounts_user (id int)")
        if words[0] == self.breaks_at:
            raise LaunchError("中断", "broken off")
        if words[0] == "demo_data":
            with self.base._cursor() as cursor:
                cursor.execute("INSERT INTO accounts_user VALUES (1)")


def people(base):
    with base._cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        return cursor.fetchone()[0]


def start(base, *, breaks_at="", is_fresh=False):
    manage = Manage(base, breaks_at)
    prepare.data(base, manage, is_fresh=is_fresh)
    return manage.calls


def test_the_second_start_has_nothing_to_do(base):
    assert start(base) == ["migrate", "demo_data"]
    assert start(base) == []
    assert base.mark().startswith(READY)


@pytest.mark.parametrize("step", ["migrate", "demo_data"])
def test_a_first_start_that_broke_off_is_done_again_from_nothing(base, step):
    with pytest.raises(LaunchError):
        start(base, breaks_at=step)
    assert base.mark() == LOADING
    assert start(base) == ["migrate", "demo_data"]
    assert people(base) == 1


def test_new_migrations_run_on_the_data_that_are_there(base, monkeypatch):
    start(base)
    monkeypatch.setattr(prepare, "_digest", lambda paths: "of tomorrow")
    assert start(base) == ["migrate"]
    assert people(base) == 1


def test_fresh_begins_anew(base):
    start(base)
    assert start(base, is_fresh=True) == ["migrate", "demo_data"]
    assert people(base) == 1


def test_data_somebody_else_put_there_are_kept(base):
    Manage(base)("migrate")
    Manage(base)("demo_data")
    assert start(base) == ["migrate"]
    assert people(base) == 1


def test_a_database_of_ones_own_is_never_emptied_without_being_asked(base):
    own = Database(base.url, server=None)
    with pytest.raises(LaunchError):
        start(own, breaks_at="demo_data")
    with pytest.raises(LaunchError, match="--fresh"):
        start(own)
    assert start(own, is_fresh=True) == ["migrate", "demo_data"]
    assert people(own) == 1


def test_a_given_database_that_does_not_answer_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/portal")
    with pytest.raises(LaunchError, match="DATABASE_URL") as caught, database(tmp_path):
        pass
    assert "\n" not in str(caught.value)


def test_the_embedded_address_may_be_given_back_to_us(base, monkeypatch, tmp_path):
    """``./run manage demo`` starts the launcher from within a command that has the address already."""
    monkeypatch.setenv("DATABASE_URL", base.url)
    with database(base.server.place.parent) as again:
        assert again.server is not None
    assert Server(base.server.place).url(NAME) == base.url
