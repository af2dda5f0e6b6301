"""Whoever got a new first password learns who gave it: one that nobody asked for must not go unnoticed."""

from __future__ import annotations

from django.urls import reverse

from common.events import subscribe
from common.models import Event
from common.templatetags.cn import cn_datetime
from notifications.services import notify


@subscribe("organization.reset_password")
def tell_of_reset(event: Event) -> None:
    through = f"（{event.post or '系统管理员'}）"
    notify(
        [event.after["user"]],
        subject="您的密码被重置过",
        body=f"{cn_datetime(event.created_at)}，{event.actor}{through}重置了您的密码，此前登录的设备已全部退出。"
        "如果不是您请他办理的，请马上改密码，并告知上级党组织的领导小组办公室或纪检委员。",
        link=reverse("accounts:sessions"),
        key=f"password-reset:{event.pk}",
    )
