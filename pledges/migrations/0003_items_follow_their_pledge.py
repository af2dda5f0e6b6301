from django.db import migrations

ITEMS = """
UPDATE pledges_pledgeitem AS item
SET state = CASE WHEN pledge.state IN ('submitted', 'returned') THEN pledge.state ELSE 'approved' END
FROM pledges_pledge AS pledge
WHERE pledge.id = item.pledge_id AND pledge.state <> 'draft'
"""
BUFFERS = """
UPDATE pledges_draftbuffer SET payload = payload || '{"aim": ""}' WHERE payload IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("pledges", "0002_members_items_changes")]
    operations = [
        migrations.RunSQL(ITEMS, migrations.RunSQL.noop),
        migrations.RunSQL(BUFFERS, migrations.RunSQL.noop),
    ]
