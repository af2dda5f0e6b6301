"""The one exception by which an attachment is turned away."""

from __future__ import annotations


class AttachmentRefused(Exception):
    """Its text is one Chinese message: which attachment, what is wrong with it, what to do."""


class Unfit(Exception):
    """Says of a content why it is refused, as the rest of a sentence that begins with the file's name."""
