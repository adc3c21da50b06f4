"""A report as one HTML file that needs nothing beside it: light, for the screen and for print on A4 or Letter.

Jinja2 escapes every value (`autoescape`), so text from files and readers cannot become markup.
"""

from __future__ import annotations

import base64

import PIL.Image
from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.interop.illustration import jpeg
from engine.interop.report import TITLE, CaseReport
from engine.wording import DISCLAIMER, listed
from engine.words import speaking, tr

_TEMPLATE = "report.html.jinja"


def report_html(report: CaseReport) -> str:
    """Draw a report as a page whose pictures are part of it."""
    environment = Environment(
        loader=PackageLoader("engine", "interop"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_address"] = data_address
    with speaking(report.language):
        return environment.get_template(_TEMPLATE).render(
            report=report,
            title=tr(TITLE),
            disclaimer=tr(DISCLAIMER),
            listed=listed,
            tr=tr,
            language=report.language.replace("_", "-"),
        )


def data_address(picture: PIL.Image.Image) -> str:
    """Write a picture as an address that holds it (RFC 2397)."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg(picture)).decode('ascii')}"
