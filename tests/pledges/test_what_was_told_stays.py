"""What was told of an item, and what a closed round holds, is not lost by a later correction."""

import datetime as dt

import pytest

from common.states import StepRefused
from pledges import services
from pledges.models import Pledge, Progress
from pledges.services.fulfilment import tap
from tests.pledges.conftest import item

ON = dt.date(2010, 9, 1)


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


def test_an_item_of_which_progress_was_told_is_reworded_and_not_dropped(published, person, secretary, text):
    kept = published.items.get()
    Progress.objects.create(item=kept, quarter=dt.date(2010, 7, 1), status="ongoing", recorded_by=secretary)
    services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    services.recall(published, by=secretary, reason="改数字")
    version = Pledge.objects.get().version
    with pytest.raises(StepRefused, match="已有践诺记录"):
        services.save(published, text(items=[item("c" * 12)]), version=version, by=secretary)
    assert Pledge.objects.get().items.get().key == kept.key
    services.save(
        published, text(items=[item(kept.key, content="全年上门办税十次")]), version=version, by=secretary
    )
    assert Progress.objects.get().item.content == "全年上门办税十次"


def test_a_closed_round_takes_no_progress_any_more(published, person, secretary):
    services.close_round(published.phase, as_of=ON, by=person("office_director", "city"))
    with pytest.raises(StepRefused, match="归档"):
        tap(published.items.get(), "done", by=secretary)
    assert not Progress.objects.exists()
