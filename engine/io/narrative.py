"""Narrative markup as plain text: the blocks of CDA (HL7 CDA R2, 4.3.5) and the XHTML of FHIR (R4, Narrative)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from engine.errors import UnsupportedContent
from engine.words import tr

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CDA = ("text", "paragraph", "list", "item", "caption", "table", "tr", "br")
_HTML = ("p", "div", "li", "ul", "ol", "dt", "dd", "pre", "blockquote", "section", "article", "header", "footer", "hr")
_BLOCKS = frozenset((*_CDA, *_HTML, *_HEADINGS))
_CELLS = frozenset(("td", "th"))
_DEEP = 60


def narrative_text(node: Element) -> str:
    """Write what a block says: a line for each paragraph, item and row, tabs between cells, nothing that is deleted.

    Raises
    ------
    UnsupportedContent
        Where it is nested deeper than any narrative is: nothing of it is silently left out.
    """
    lines = "".join(_words(node, 0, " ")).split("\n")
    tidy = ("\t".join(" ".join(cell.split()) for cell in line.split("\t")).strip() for line in lines)
    return "\n".join(line for line in tidy if line)


def _words(node: Element, depth: int, feed: str) -> Iterator[str]:
    """What a node says; line feeds of the source are written as `feed`: a blank, but in text that is set as it is."""
    if depth > _DEEP:
        raise UnsupportedContent(
            tr("The narrative is nested too deeply."), tr("Export the document as PDF or plain text.")
        )
    if node.get("revised") == "delete":
        return
    block = _name(node) in _BLOCKS
    feed = "\n" if _name(node) == "pre" else feed
    yield "\n" if block else ""
    yield (node.text or "").replace("\n", feed)
    for child in node:
        yield from _words(child, depth + 1, feed)
        yield "\t" if _name(child) in _CELLS else ""
        yield (child.tail or "").replace("\n", feed)
    yield "\n" if block else ""


def _name(node: Element) -> str:
    """The name of an element without its namespace; comments have none."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
