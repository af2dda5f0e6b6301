"""Bands (档次) of a score, as the campaign has them: data, never thresholds in code (domain.md 1.5, 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from campaigns.models import Campaign
from campaigns.template_files import FOLDER, load

SHIPPED = FOLDER / "chuangxian-2010.toml"
HIGHEST = 100


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    least: int  # the lowest score that belongs to it


@dataclass(frozen=True, slots=True)
class Bands:
    """From best to worst. Bounded from below only, so that no score falls between two of them."""

    bands: Sequence[Band]

    @property
    def names(self) -> list[str]:
        return [band.name for band in self.bands]

    @property
    def rule(self) -> str:
        """好 95 分及以上，中 80 分及以上，差 80 分以下: printed where scores are given."""
        if len(self.bands) == 1:
            return self.bands[0].name
        above = [f"{band.name} {band.least} 分及以上" for band in self.bands[:-1]]
        return "，".join([*above, f"{self.bands[-1].name} {self.bands[-2].least} 分以下"])

    def of(self, score: float) -> str:
        """The name of the band of ``score``."""
        return next(band.name for band in self.bands if score >= band.least)


def bands_of(campaign: Campaign, scale: str) -> Bands:
    """As stored with the campaign; one made before bands existed uses those of the shipped template."""
    found: dict[str, Any] = campaign.scales.get(scale) or _shipped()[scale]
    return Bands([Band(row["name"], row["least"]) for row in found["bands"]])


@cache
def _shipped() -> dict[str, Any]:
    return load(SHIPPED).scales
