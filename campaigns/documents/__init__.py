"""What is printed of a campaign: functions from plain facts to the bytes of a .docx. They know neither models nor users."""

from campaigns.documents.circular import CircularDocument, CircularLine, circular_document
from campaigns.documents.closing import ClosingNote, CountedObligation, SealedFile, closing_note

__all__ = [
    "CircularDocument",
    "CircularLine",
    "ClosingNote",
    "CountedObligation",
    "SealedFile",
    "circular_document",
    "closing_note",
]
