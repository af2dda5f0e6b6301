"""How the audit speaks of pledges. Loaded by the app's ``ready``."""

from common.sentences import word
from pledges.flow import PLEDGE_FLOW

word(
    "pledge",
    {"create": "起草承诺", "edit": "修改承诺", "discard": "放弃草稿"}
    | {step.name: step.label for step in PLEDGE_FLOW},
)
