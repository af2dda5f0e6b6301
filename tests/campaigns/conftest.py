import datetime as dt

import pytest

from campaigns.models import Obligation, Phase
from campaigns.services import assignments


@pytest.fixture
def owes(chain, campaign):
    """报送活动方案 of the first phase, owed by the whole chain until 30 September 2010."""
    obligation = Obligation.objects.create(
        phase=Phase.objects.get(number=1), expects="plan", name="报送活动方案", opens_on=dt.date(2010, 8, 19),
        due_on=dt.date(2010, 9, 30), made_on=dt.date(2010, 8, 1),
    )  # fmt: skip
    assignments.refresh(obligation)
    return obligation
