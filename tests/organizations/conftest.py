"""Browsers at the desk."""

import pytest


@pytest.fixture
def at_desk(client, person):
    """at_desk("office", "city") -> a signed-in client."""

    def sign_in(post, at):
        client.force_login(person(post, at), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
