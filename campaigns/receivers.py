"""Reactions to events. Loaded by the app's ``ready``."""

import tempfile

from campaigns.exports.archive import MEMORY, write_archive
from campaigns.services import assignments, closing
from common.events import subscribe
from common.models import Event


@subscribe("rosterimport.apply")
def count_after_an_import(event: Event) -> None:
    """An import writes thousands of rows set by set: what everybody owes is counted once, after it."""
    assignments.refresh_open()


@subscribe("phaseclosing.close")
def write_the_archive(event: Event) -> None:
    """The whole tree's rows as files take longer than a person waits for a page."""
    closed = closing.waiting_for_archive(int(event.subject_id))
    if closed is None:
        return
    with tempfile.SpooledTemporaryFile(MEMORY) as archive:
        files, digest = write_archive(closed, archive)
        closing.keep_archive(closed, archive, files=files, digest=digest)
