"""Sign-in, which anyone may open."""

from __future__ import annotations

from allauth.account.views import LoginView

from accounts.demo import demo_accounts

sign_in = LoginView.as_view(extra_context={"demo_accounts": demo_accounts})
