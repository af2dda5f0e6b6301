"""Hints (提示) on one pledge item, for whoever writes or reviews it; nothing here ever blocks (domain.md 1.6).

Pure functions on words: no models, no database.
"""

from pledges.hints.alike import TWIN, closest, signature, similarity
from pledges.hints.pairing import Item, twins
from pledges.hints.wording import vague

__all__ = ["TWIN", "Item", "closest", "signature", "similarity", "twins", "vague"]
