"""What is printed of a campaign: functions from plain facts to the bytes of a .docx. They know neither models nor users."""

from campaigns.documents.circular import CircularDocument, CircularLine, circular_document

__all__ = ["CircularDocument", "CircularLine", "circular_document"]
