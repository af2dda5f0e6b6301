"""Addresses and texts of the desk pages, for their tests."""

import html
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

TODAY = timezone.localdate().isoformat()


def url(name, *args):
    return reverse(f"organizations:{name}", args=args)


def text(response):
    return response.content.decode()


def turn(rel, response):
    """Where the button to the newer ("prev") or older ("next") part of a list leads."""
    return html.unescape(re.search(rf'rel="{rel}" href="([^"]*)"', text(response))[1])


def counted():
    return CaptureQueriesContext(connection)
