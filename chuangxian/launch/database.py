"""The demo's database: the embedded one, or the one ``DATABASE_URL`` names.

A comment on the database tells how far loading came, so that a half-finished first start is seen by the next one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql

from chuangxian.launch.console import LaunchError, say
from common.embedded_pg import Server

NAME = "portal"
LOADING = "demo data: loading"
READY = "demo data: ready "  # followed by the digest of the migrations that ran


class Database:
    def __init__(self, url: str, server: Server | None) -> None:
        self.url = url
        self.server = server  # None: somebody else's, named by DATABASE_URL

    def mark(self) -> str:
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            )
            return str(cursor.fetchone()[0] or "")

    def set_mark(self, mark: str) -> None:
        with self._cursor() as cursor:
            cursor.execute("SELECT current_database()")
            name = sql.Identifier(cursor.fetchone()[0])
            cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(mark)))

    def has_people(self) -> bool:
        """Has somebody put data here by other means than the demo?"""
        with self._cursor() as cursor:
            cursor.execute("SELECT to_regclass('accounts_user')")
            if cursor.fetchone()[0] is None:
                return False
            cursor.execute("SELECT EXISTS (SELECT FROM accounts_user)")
            return bool(cursor.fetchone()[0])

    def rebuild(self) -> None:
        """Empty it. Somebody else's keeps its database and loses what is in its schema."""
        if self.server is not None:
            self.server.drop_database(NAME)
            self.server.create_database(NAME)
            return
        with self._cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        self.set_mark("")

    def keep_up(self) -> None:
        """Start the embedded server again after a kill -9; what was committed is in its write-ahead log.

        :raises EmbeddedPostgresError: it does not come up.
        """
        if self.server is None or self.server.is_up():
            return
        say("数据库没有响应，正在重新启动", "the database does not answer, starting it again")
        self.server.start()
        say("数据库已恢复", "the database is back")

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[psycopg2.extensions.cursor]:
        connection = psycopg2.connect(self.url, connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Up for as long as it is needed.

    :raises LaunchError: ``DATABASE_URL`` names a database that does not answer.
    :raises EmbeddedPostgresError: the embedded one cannot be had.
    """
    server = Server(folder / "pg")
    given = os.environ.get("DATABASE_URL", "")
    if given and given != server.url(NAME):
        yield _answering(Database(given, None))
        return
    with server.in_use():
        server.create_database(NAME)
        yield Database(server.url(NAME), server)


def _answering(external: Database) -> Database:
    try:
        external.mark()
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())
        raise LaunchError(
            f"DATABASE_URL 指向的数据库无法连接（{reason}）；请检查，或取消 DATABASE_URL 以使用内置数据库",
            "the database of DATABASE_URL does not answer: check it, or unset it to use the embedded one",
        ) from error
    return external
