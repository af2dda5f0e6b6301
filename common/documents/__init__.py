"""Word forms and QR codes: what is printed, signed and put up on a wall.

A form is a .docx that a clerk opens and edits in WPS or LibreOffice. ``word`` fills it in, ``wording`` writes numbers,
names and dates as Chinese official documents do, ``qr`` draws an address. Nothing here reads the database.
"""

from common.documents.qr import qr_png
from common.documents.word import render

__all__ = ["qr_png", "render"]
