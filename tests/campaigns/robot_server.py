"""A group robot's server on this machine: it keeps what it was sent and answers as it is told."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RobotServer(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, dict]] = []  # (path, payload)
        self.answers: list[tuple[int, object]] = []  # one for each message to come; then errcode 0
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.wecom = f"{self.origin}/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
        self.dingtalk = f"{self.origin}/robot/send?access_token=5e1f0c3b9a"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802 -- the library's name
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, json.loads(sent)))
        status, said = self.server.answers.pop(0) if self.server.answers else (200, {"errcode": 0})
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.wecom)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving():
    server = RobotServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
