import pytest

from tests.permissions.world import build


@pytest.fixture
def world(chain, phase):
    return build(chain, phase)
