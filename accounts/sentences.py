"""How the audit speaks of signing in and passwords. Loaded by the app's ``ready``."""

from common.sentences import word

word(
    "user",
    {
        "sign_in": "登录",
        "sign_out": "退出登录",
        "fail_sign_in": "登录失败",
        "lock_out": "登录失败次数过多，账号暂时锁定",
        "change_password": "修改密码",
        "revoke_session": "下线其他设备",
    },
    has_place=False,
)
