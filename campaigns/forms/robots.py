"""群机器人: the address from the group's settings."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.models import RobotKind
from campaigns.models.robot import ADDRESS_LENGTH, SECRET_LENGTH
from campaigns.robots import kind_of


class RobotForm(forms.Form):
    address = forms.CharField(
        label="机器人地址",
        max_length=ADDRESS_LENGTH,
        help_text="在企业微信或钉钉的群设置里添加群机器人后，完整复制它的 Webhook 地址",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请填写机器人地址。"},
    )
    secret = forms.CharField(
        label="加签密钥",
        max_length=SECRET_LENGTH,
        required=False,
        help_text="只有钉钉的安全设置选了“加签”才填写，以 SEC 开头",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind = kind_of(said["address"]) if "address" in said else None
        if kind is None and "address" in said:
            self.add_error("address", "这不是企业微信或钉钉群机器人的地址，请从群设置里完整复制。")
        if said.get("secret") and kind == RobotKind.WECOM:
            self.add_error("secret", "企业微信的群机器人没有加签密钥，请留空。")
        return said
