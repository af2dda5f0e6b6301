"""指尖上的形式主义 stays out (domain.md 8.3): no points, check-ins, streaks, rankings, likes, photos, location."""

import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
OURS = ["accounts", "notifications", "organizations", "campaigns", "pledges", "portal", "common"]
FORBIDDEN_WORDS = [
    "打卡",
    "签到",
    "积分",
    "点赞",
    "排行榜",
    "排名",
    "在线时长",
    "学习时长",
    "连续登录",
    "定位",
]
FORBIDDEN_FIELDS = re.compile(
    r"(^|_)(points?|score_points|likes?|streak|checkin|check_in|rank|ranking|online_seconds|clicks?|latitude|"
    r"longitude|location|photo|id_number|id_card|home_address)($|_)"
)
PAGES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("word", FORBIDDEN_WORDS)
def test_no_page_speaks_of_it(word):
    pages = [p.relative_to(ROOT).as_posix() for p in PAGES if word in p.read_text()]
    assert pages == []


def test_no_model_stores_it():
    fields = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.get_fields()
        if FORBIDDEN_FIELDS.search(field.name)
    ]
    assert fields == []


def test_no_page_asks_for_a_camera_or_a_place():
    asked = [p.name for p in PAGES if re.search(r"capture=|geolocation|accept=.image", p.read_text())]
    scripts = [p.name for p in (ROOT / "static").rglob("*.js") if "geolocation" in p.read_text()]
    assert asked + scripts == []
