import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def fill(apps, schema_editor):
    """Dates that were only known of become obligations, owed from the day their strand opens."""
    obligation = apps.get_model("campaigns", "Obligation")
    window = apps.get_model("campaigns", "StrandWindow")
    opens = window.objects.filter(phase=OuterRef("phase"), strand=OuterRef("strand")).order_by("opens_on")
    phase = apps.get_model("campaigns", "Phase").objects.filter(pk=OuterRef("phase"))
    obligation.objects.update(opens_on=Subquery(phase.values("starts_on")[:1]))
    first = Subquery(opens.values("opens_on")[:1])
    obligation.objects.exclude(strand="").annotate(first=first).exclude(first=None).update(opens_on=first)
    obligation.objects.filter(opens_on__gt=F("due_on")).update(opens_on=F("due_on"))
    obligation.objects.filter(strand="pledge").update(expects="pledge")
    obligation.objects.filter(strand="", name__contains="活动方案").update(expects="plan")


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("organizations", "0002_path_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("deadline", "deadline_strand_is_known"),
        migrations.RenameModel("Deadline", "Obligation"),
        migrations.AddField("obligation", "opens_on", models.DateField(default="2000-01-01", verbose_name="开始日期"), preserve_default=False),
        migrations.AddField("obligation", "expects", models.CharField(blank=True, default="", max_length=30, verbose_name="办理什么"), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
