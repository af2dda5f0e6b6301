from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError


class ThreeClassesValidator:
    """等保 2.0 身份鉴别 a: at least three of upper case, lower case, digits, other characters."""

    def validate(self, password: str, user: Any = None) -> None:
        classes = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
        if sum(any(is_class(c) for c in password) for is_class in classes) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三类。"
