"""Addresses and what is posted there, for the tests of pages."""

from django.urls import reverse

from pledges.texts import flatten


def posted(text, version, do="save", **more):
    """The editor's form as a browser sends it."""
    data = {"title": text["title"], "category": text["category"] or "", "directions": text["directions"]}
    data["item"] = [each["key"] for each in text["items"]]
    data |= {k.replace(".", "-"): v for k, v in flatten(text).items() if "." in k}
    return {**data, "version": version, "do": do, **more}


def edit_url(pledge):
    return reverse("pledges:edit", args=[pledge.pk])


def step_url(pledge, verb):
    return reverse("pledges:step", args=[pledge.pk, verb])
