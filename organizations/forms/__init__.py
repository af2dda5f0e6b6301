from organizations.forms.picker import OrganizationField

__all__ = ["OrganizationField"]
