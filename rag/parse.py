"""Reads a filing's bytes into a `Document`: HTML, plain text, PDF, text page by page, or the XML of a form.

An empty or damaged file raises DataError with one sentence; nothing is guessed from half a file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.errors import DataError
from desk.filings.source import Filing
from rag.assemble import Assembler
from rag.decoding import decode
from rag.documents import Document
from rag.forms import parse_form
from rag.grid import Xbrl, element_text, read_grid
from rag.pages import add_page

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCKS = frozenset(
    [
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "center",
        "table",
        "hr",
        "tr",
        "td",
        "body",
        "section",
        "article",
        "blockquote",
        "pre",
        "title",
    ]
)
_SKIP = frozenset({"script", "style", "head", "ix:header", "ix:hidden", "noscript", "title"})
_FOOTER = re.compile(
    r"^(?:page\s*)?\d{1,3}$|^f-\d+$|^table of contents$"
    r"|^index to (?:consolidated )?financial statements$|\|\s*\d{1,3}$",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)|\bbold\b", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none", re.IGNORECASE)
_BREAK = re.compile(r"page-break-(before|after):\s*always|break-(before|after):\s*page", re.IGNORECASE)
_HEADED = re.compile(r"^(?:part\s+[ivx]+\b|item\s+\d{1,2}[a-c]?(?:\.\d\d)?[.:\s]|note\s+\d)", re.IGNORECASE)


def parse_filing(filing: Filing, raw: bytes) -> Document:
    """The document of a filing's bytes, by `filing.media`."""
    if not raw.strip():
        raise DataError(f"filing {filing.id!r} is empty; fetch the document again")
    if filing.media == "html":
        return parse_html(filing, raw)
    if filing.media == "xml":
        return parse_form(filing, raw)
    if filing.media == "pdf":
        return parse_pages(filing, raw, pdf_pages(filing, raw))
    return parse_pages(filing, raw, decode(filing.id, raw).split("\f"))


def parse_pages(filing: Filing, raw: bytes, pages: Sequence[str]) -> Document:
    """A document of plain text pages, such as a PDF's; tables are found in the lines."""
    assembler = Assembler(filing, raw)
    for number, text in enumerate(pages, start=1):
        assembler.page = number
        add_page(assembler, text)
    return assembler.finish()


def pdf_pages(filing: Filing, raw: bytes) -> list[str]:
    """The text of each page of a PDF. DataError when it is damaged, locked, or only pictures."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DataError(f"filing {filing.id!r} is a PDF locked with a password; give a copy without one")
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, OSError) as error:
        raise DataError(f"filing {filing.id!r} is not a readable PDF ({error}); fetch it again") from None
    if not any(page.strip() for page in pages):
        raise DataError(f"filing {filing.id!r} is a PDF without text (scanned pictures); give one with text")
    return pages


def parse_html(filing: Filing, raw: bytes) -> Document:
    """An EDGAR HTML document, inline XBRL included."""
    import lxml.etree
    import lxml.html

    text = decode(filing.id, raw)
    if "<html" in text[:20000].lower() and "</html" not in text[-20000:].lower():
        raise DataError(f"filing {filing.id!r} is cut off (no closing html tag); fetch the document again")
    try:
        root = lxml.html.fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (lxml.etree.LxmlError, ValueError) as error:
        raise DataError(f"filing {filing.id!r} is not readable HTML ({error}); fetch the document again") from None
    walk = _Walk(Assembler(filing, raw), Xbrl(root))
    walk.visit(root)
    return walk.assembler.finish()


class _Walk:
    """Walks the tree in reading order and hands blocks to the assembler."""

    def __init__(self, assembler: Assembler, xbrl: Xbrl) -> None:
        self.assembler = assembler
        self._xbrl = xbrl

    def visit(self, node: HtmlElement) -> None:
        """Appends the node's blocks; a node without block children is one paragraph or heading."""
        style = node.get("style") or ""
        if node.tag in _SKIP or _HIDDEN.search(style):
            return
        breaks = _BREAK.search(style)
        if breaks and "before" in breaks[0]:
            self._turn()
        if node.tag == "table":
            self._table(node)
        elif any(child.tag in _BLOCKS for child in node.iterdescendants() if isinstance(child.tag, str)):
            self._children(node)
        else:
            self._words(node, element_text(node))
        if breaks and "after" in breaks[0]:
            self._turn()

    def _children(self, node: HtmlElement) -> None:
        loose = [node.text or ""]
        for child in node:
            if not isinstance(child.tag, str):
                loose.append(child.tail or "")
                continue
            if child.tag in _BLOCKS or any(
                isinstance(d.tag, str) and d.tag in _BLOCKS for d in child.iterdescendants()
            ):
                self._words(None, " ".join("".join(loose).split()))
                self.visit(child)
                loose = [child.tail or ""]
            elif child.tag not in _SKIP:
                loose.append(element_text(child) + (child.tail or ""))
        self._words(None, " ".join("".join(loose).split()))

    def _words(self, node: HtmlElement | None, text: str) -> None:
        if not text or _FOOTER.search(text):
            return
        if len(text) < 200 and (_HEADED.match(text) or (node is not None and _all_bold(node))):
            self.assembler.heading(text)
        else:
            self.assembler.paragraph(text)

    def _table(self, node: HtmlElement) -> None:
        grid = read_grid(node, self._xbrl)
        if not grid:
            return
        if any(cell.number is not None for row in grid for cell in row) or any(len(row) > 2 for row in grid):
            self.assembler.table(grid)
            return
        for row in grid:
            self._words(node, " ".join(cell.text for cell in row))

    def _turn(self) -> None:
        self.assembler.page += 1


def _all_bold(node: HtmlElement) -> bool:
    if node.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        return True
    texts = [(e, t) for e in node.iter() if isinstance(e.tag, str) for t in (e.text,) if t and t.strip()]
    return bool(texts) and all(_bold(element) for element, _ in texts)


def _bold(element: HtmlElement) -> bool:
    chain = [element, *element.iterancestors()][:4]
    return any(e.tag in {"b", "strong"} or _BOLD.search(e.get("style") or "") for e in chain)
