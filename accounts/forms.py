from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from django.core.exceptions import ValidationError

# AUTH_PASSWORD_VALIDATORS in one breath
RULES = "至少 8 个字符，包含大写字母、小写字母、数字、符号中的三类；不要用姓名、账号或常见密码。"


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, login="账号", password="密码")  # noqa: S106 -- a label
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class PasswordForm(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, oldpassword="当前密码", password1="新密码", password2="再输一次新密码")  # noqa: S106
        self.fields["password1"].help_text = RULES

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", ValidationError("新密码不能与当前密码相同。", code="same"))
        return cleaned


def _plain(form: Any, **labels: str) -> None:
    """allauth repeats the label as a placeholder, which disappears when one needs it."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].help_text = ""
        form.fields[name].widget.attrs.pop("placeholder", None)
