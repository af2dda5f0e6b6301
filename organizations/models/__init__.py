from organizations.models.imports import RosterImport, RosterImportRow
from organizations.models.organization import Affiliation, FormerName, Organization
from organizations.models.posts import Appointment, OrganizationGroupPost, OrganizationUserPost
from organizations.models.roster import Member, Membership

__all__ = [
    "Affiliation",
    "Appointment",
    "FormerName",
    "Member",
    "Membership",
    "Organization",
    "OrganizationGroupPost",
    "OrganizationUserPost",
    "RosterImport",
    "RosterImportRow",
]
