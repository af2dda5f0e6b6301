"""Nobody edits or deletes the audit, whatever the application says."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION common_event_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'common_event is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER common_event_append_only BEFORE UPDATE OR DELETE ON common_event
    FOR EACH ROW EXECUTE FUNCTION common_event_refuse_change();
CREATE TRIGGER common_event_no_truncate BEFORE TRUNCATE ON common_event
    FOR EACH STATEMENT EXECUTE FUNCTION common_event_refuse_change();
"""
BACKWARD = """
DROP TRIGGER common_event_no_truncate ON common_event;
DROP TRIGGER common_event_append_only ON common_event;
DROP FUNCTION common_event_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
