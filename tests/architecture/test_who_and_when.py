"""Every choice field and every who/when pair is held by the database too (DESIGN 4)."""

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import CheckConstraint

OURS = ["accounts", "notifications", "organizations", "campaigns", "pledges", "common"]
MODELS = [m for m in apps.get_models() if m._meta.app_label in OURS]


def checked_fields(model):
    text = " ".join(str(c.condition) for c in model._meta.constraints if isinstance(c, CheckConstraint))
    return {f.name for f in model._meta.fields if f"'{f.name}" in text}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_choices_have_a_check_constraint(model):
    chosen = {
        f.name
        for f in model._meta.fields
        if f.choices or (isinstance(f, ArrayField) and f.base_field.choices)
    }
    assert chosen <= checked_fields(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_who_and_when_come_together(model):
    names = {f.name for f in model._meta.fields}
    pairs = {(f"{n[:-3]}_at", n) for n in names if n.endswith("_by") and f"{n[:-3]}_at" in names}
    optional = {
        pair for pair in pairs if model._meta.get_field(pair[0]).null and model._meta.get_field(pair[1]).null
    }
    for when, who in optional:
        assert {when, who} <= checked_fields(model), (when, who)
