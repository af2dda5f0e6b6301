from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest  # noqa: TID251 -- allauth's adapter is HTTP

from accounts import services


class Adapter(DefaultAccountAdapter):
    """What this portal adds to allauth: nobody signs up, and everything that happens is on record."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "账号或密码不正确。请检查大小写和输入法后再试。",
        "enter_current_password": "当前密码不正确。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by the office together with a post."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        services.note_sign_in(user)  # type: ignore[arg-type]

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        services.note_sign_out(user)  # type: ignore[arg-type]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Once locked out, further attempts are neither counted nor recorded."""
        if getattr(request, "axes_failures_since_start", None) is not None:
            services.note_failure(credentials["username"])
            if request.axes_locked_out:  # type: ignore[attr-defined]
                services.note_lock(credentials["username"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return str(self.get_login_redirect_url(request))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        services.change_password(
            user,  # type: ignore[arg-type]
            password,
            by=self.request.user,
            keep=self.request.session.session_key,
        )
