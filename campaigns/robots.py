"""How a message reaches a group robot (群机器人): the forms of 企业微信 and 钉钉, and what their answers mean."""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import re
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings

from campaigns.models import Robot, RobotKind

SECONDS = 5  # to connect, and for each word of the answer
ANSWER = 64 * 1024
BYTES = 4096  # of a message (企业微信; 钉钉 takes more)
CUT = "\n……其余请在平台中查看。"
PATHS = {
    RobotKind.WECOM: re.compile(r"/cgi-bin/webhook/send\?key=[\w-]{8,}"),
    RobotKind.DINGTALK: re.compile(r"/robot/send\?access_token=[\w-]{8,}"),
}
TOO_FAST = {45009, 45033, 130101}
MEANING = {
    93000: "机器人地址不对，或机器人已被移出群",
    300001: "机器人地址不对，或机器人已被移出群",
    310000: "钉钉的安全设置没有通过，请核对加签密钥",
    40035: "对方不接受这条消息的格式",
}
# What either of them would read as a link, an image, a mention or a heading.
_PLAIN = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "｀", "#": "＃", "@": "＠"}
)


class NotSent(Exception):
    """The other side did not take the message. Its own words may repeat the address and are not kept."""


class TooFast(NotSent):
    """It shuts this robot out for some minutes."""


class NobodyThere(NotSent):
    """No server answers there."""


def kind_of(address: str) -> RobotKind | None:
    """Whose robot is posted to there; None for an address that is no robot's or that nobody here may post to.

    The whole origin is compared, so that neither another port nor ``https://allowed@elsewhere`` gets through.
    """
    origin = next((o for o in settings.ROBOT_ORIGINS if address.startswith(f"{o}/")), None)
    if origin is None:
        return None
    rest = address.removeprefix(origin)
    return next((kind for kind, path in PATHS.items() if path.fullmatch(rest)), None)


def plain(text: str) -> str:
    """As it was written, and nothing in it a command of the chat."""
    return " ".join(text.translate(_PLAIN).split())


def cut(lines: Sequence[str], room: int = BYTES) -> str:
    """Whole lines, as many as fit into ``room`` bytes."""
    text = "\n".join(lines)
    if len(text.encode()) <= room:
        return text
    kept, left = [], room - len(CUT.encode())
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(kept) + CUT


def payload(kind: str, title: str, body: str) -> dict[str, Any]:
    if kind == RobotKind.WECOM:
        return {"msgtype": "markdown", "markdown": {"content": body}}
    return {"msgtype": "markdown", "markdown": {"title": title, "text": body.replace("\n", "\n\n")}}


def signed(path: str, secret: str, moment: int) -> str:
    """钉钉 加签: HMAC-SHA256 of milliseconds and secret, behind the address."""
    mac = hmac.digest(secret.encode(), f"{moment}\n{secret}".encode(), "sha256")
    return f"{path}&timestamp={moment}&sign={quote_plus(base64.b64encode(mac))}"


def post(robot: Robot, title: str, body: str) -> None:
    """One message. Redirects are not followed; an address that is no longer allowed is not asked.

    :raises TooFast: try again in some minutes.
    :raises NotSent: refused, with the number of the refusal.
    :raises OSError, http.client.HTTPException: nobody there, or no answer in time.
    """
    if kind_of(robot.address) != robot.kind:
        raise NotSent("这个地址不在允许的范围内")
    parts = urlsplit(robot.address)
    path = f"{parts.path}?{parts.query}"
    if robot.secret:
        path = signed(path, robot.secret, int(time.time() * 1000))
    is_tls = parts.scheme == "https"
    connect = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
    there = connect(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        said = json.dumps(payload(robot.kind, title, body), ensure_ascii=False).encode()
        there.request("POST", path, said, {"Content-Type": "application/json; charset=utf-8"})
        answer = there.getresponse()
        _judge(answer.status, answer.read(ANSWER))
    finally:
        there.close()


def _judge(status: int, answer: bytes) -> None:
    """Sent is what was answered with errcode 0, and nothing else."""
    if status == http.client.TOO_MANY_REQUESTS:
        raise TooFast("发送太频繁，稍后再发")
    if status != http.client.OK:
        raise NotSent(f"对方答复 HTTP {status}")
    try:
        code = json.loads(answer)["errcode"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotSent("对方的答复看不懂") from error
    if code in TOO_FAST:
        raise TooFast("发送太频繁，稍后再发")
    if code != 0 or isinstance(code, bool):
        number = code if isinstance(code, int) else -1
        raise NotSent(f"{MEANING.get(number, '对方没有接受')}（错误码 {number}）")
