"""What is printed of pledges and plans: functions from plain facts to the bytes of a .docx.

They know neither models nor users; whoever calls them has decided what may be shown. The forms themselves lie in
``templates`` and are edited in WPS or LibreOffice.
"""

from pledges.documents.letters import (
    Approval,
    MemberItem,
    MemberLetter,
    OrganizationItem,
    OrganizationLetter,
    member_letter,
    member_letters,
    organization_letter,
)
from pledges.documents.plans import GroupMember, PlanDocument, PlanPhase, PlanTask, plan_document
from pledges.documents.posters import Poster, PosterMember, poster

__all__ = [
    "Approval",
    "GroupMember",
    "MemberItem",
    "MemberLetter",
    "OrganizationItem",
    "OrganizationLetter",
    "PlanDocument",
    "PlanPhase",
    "PlanTask",
    "Poster",
    "PosterMember",
    "member_letter",
    "member_letters",
    "organization_letter",
    "plan_document",
    "poster",
]
