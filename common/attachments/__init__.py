"""Attachments (附件) that people upload: looked at before they are kept, and handed out as files only.

``checked`` tells what a file is by its content, refuses what could act on the reader's machine and writes
pictures anew; ``headers`` goes with every answer that hands one out.
"""

from common.attachments.checking import ACCEPT, FILE_BYTES, Clean, checked
from common.attachments.handing_out import headers
from common.attachments.refusal import AttachmentRefused

__all__ = ["ACCEPT", "FILE_BYTES", "AttachmentRefused", "Clean", "checked", "headers"]
