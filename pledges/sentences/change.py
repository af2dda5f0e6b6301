"""How the audit speaks of a change of what is public (变更)."""

from common.sentences import word
from pledges.flow import ORGANIZATION_CHANGE_FLOW

word("change", {step.name: step.label for step in ORGANIZATION_CHANGE_FLOW})
word("pledge", {"change": "变更公开的承诺"})
