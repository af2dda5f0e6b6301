"""What the two homes show."""

from portal.queries.desk import desk
from portal.queries.home import home

__all__ = ["desk", "home"]
