"""Reading a .docx as its readers see it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from lxml import etree

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class WordFile:
    def __init__(self, source: bytes | Path) -> None:
        blob = source.read_bytes() if isinstance(source, Path) else source
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.body = self.xml("word/document.xml")
        self.styles = self.xml("word/styles.xml")
        references = self.body.iter(f"{W}footerReference")
        targets = {one.get(f"{W}type"): self.target_of(one.get(f"{R}id")) for one in references}
        self.footers = {side: self.xml(name) for side, name in targets.items()}  # "default" are the odd pages

    def target_of(self, relation: str, part: str = "word/document.xml") -> str:
        """The name of the part that ``part`` calls ``relation``."""
        folder, _, name = part.rpartition("/")
        relations = self.xml(f"{folder}/_rels/{name}.rels")
        [target] = [one.get("Target") for one in relations if one.get("Id") == relation]
        return f"{folder}/{target}"

    def xml(self, name: str) -> etree._Element:
        return etree.fromstring(self.parts[name])

    @property
    def roots(self) -> list[etree._Element]:
        return [self.body, *self.footers.values()]

    @property
    def text(self) -> str:
        """One line a paragraph, the body first, then the footers."""
        return "\n".join(lines(root) for root in self.roots)

    def paragraphs_in(self, style_name: str) -> list[str]:
        """The texts of the paragraphs of a style, by the name that a clerk sees."""
        [style] = self.styles.xpath(f".//w:style[w:name/@w:val='{style_name}']", namespaces=self.styles.nsmap)
        found = self.body.iter(f"{W}p")
        return [line(p) for p in found if value(p, "pPr/pStyle") == style.get(f"{W}styleId")]

    def rows(self, table: int = 0) -> list[list[str]]:
        return [
            [lines(cell) for cell in row.findall(f"{W}tc")]
            for row in list(self.body.iter(f"{W}tbl"))[table].findall(f"{W}tr")
        ]

    def fonts(self) -> set[str]:
        """The East Asian fonts of the styles that the body or a footer uses."""
        used = {p.get(f"{W}val") for root in self.roots for p in root.iter(f"{W}pStyle", f"{W}rStyle")}
        by_id = {style.get(f"{W}styleId"): style for style in self.styles.iter(f"{W}style")}
        found = {self._font(by_id, name) for name in used}
        return {font for font in found if font}

    def _font(self, by_id: dict[str, etree._Element], name: str | None) -> str | None:
        while name is not None:
            style = by_id[name]
            fonts = style.find(f"{W}rPr/{W}rFonts")
            if fonts is not None:
                return fonts.get(f"{W}eastAsia")
            name = value(style, "basedOn")
        return None

    def page(self) -> dict[str, int]:
        """Size and margins of the page in millimetres."""
        section = self.body.find(f"{W}body/{W}sectPr")
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        named = {"width": size.get(f"{W}w"), "height": size.get(f"{W}h")}
        named |= {side: margins.get(f"{W}{side}") for side in ("top", "right", "bottom", "left")}
        return {name: round(int(twips) * 25.4 / 1440) for name, twips in named.items()}


def value(element: etree._Element, path: str) -> str | None:
    found = element.find("/".join(f"{W}{step}" for step in path.split("/")))
    return None if found is None else found.get(f"{W}val")


def lines(root: etree._Element) -> str:
    return "\n".join(line(paragraph) for paragraph in root.iter(f"{W}p"))


def line(paragraph: etree._Element) -> str:
    signs = {f"{W}br": "\n", f"{W}tab": "\t"}
    runs = (piece for run in paragraph.iter(f"{W}r") for piece in run)
    return "".join(signs.get(piece.tag, piece.text or "") for piece in runs if piece.tag in {*signs, f"{W}t"})
