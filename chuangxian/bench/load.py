"""Requests per second against a server on this machine: a few kept-alive connections, one thread, no parsing to speak of."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 16


def rate(port: int, path: str, seconds: float) -> float:
    """Answers per second. Every answer must be a 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            peer.sendall(request)
            selector.register(peer, selectors.EVENT_READ, bytearray())
        answers, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(timeout=1):
                peer = key.fileobj  # type: ignore[assignment]
                if _is_answered(key.data, peer):
                    answers += 1
                    peer.sendall(request)
        return answers / (time.perf_counter() - began)


def _is_answered(buffer: bytearray, peer: socket.socket) -> bool:
    """Read what is there; is the answer whole? Then the buffer is emptied for the next one."""
    buffer += peer.recv(262_144)
    head, separator, body = buffer.partition(b"\r\n\r\n")
    if not separator:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"unexpected answer: {bytes(head[:200])!r}")
    lines = (line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    length = next(int(value) for name, value in lines if name == b"content-length")
    if len(body) < length:
        return False
    buffer.clear()
    return True


@contextlib.contextmanager
def served(port: int, workers: int) -> Iterator[None]:
    """The portal behind granian, as ./run demo starts it, on the database in use."""
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        str(workers),
        "--blocking-threads",
        "1",
        "--no-ws",
        "chuangxian.wsgi:application",
    ]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "chuangxian.settings.bench", "DATABASE_URL": _url()}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **quiet)  # noqa: S603
    try:
        _wait_for(port, server)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _url() -> str:
    """The database this process speaks to, as an address for another one."""
    at = connection.settings_dict
    user = quote(at["USER"] or "", safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    port = f":{at['PORT']}" if at["PORT"] else ""
    return f"postgres://{user}@{quote(at['HOST'] or '', safe='')}{port}/{at['NAME']}"


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise RuntimeError("the server did not start")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError("the server does not answer")
