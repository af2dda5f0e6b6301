"""How the audit speaks of mail. Loaded by the app's ``ready``."""

from common.sentences import word

word("mail", {"revive": "重新发送邮件", "dismiss": "放弃发送邮件"}, has_place=False)
