"""The planner has to know how many organizations a range of paths holds.

With the usual 100 buckets it takes a subtree of 2,000 among 200,000 for a single row, sorts all its pledges for a page
of twenty, and spends ten times what it needs (docs/performance.md).
"""

from django.db import migrations

FORWARD = "ALTER TABLE organizations_organization ALTER COLUMN path SET STATISTICS 1000"
BACKWARD = "ALTER TABLE organizations_organization ALTER COLUMN path SET STATISTICS -1"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
