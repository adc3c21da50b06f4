"""Narrative markup keeps its lines and its cells apart, and is never cut without a word."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from engine.errors import UnsupportedContent
from engine.io.narrative import narrative_text


@pytest.mark.parametrize("space", ["urn:hl7-org:v3", "http://www.w3.org/1999/xhtml"])
def test_cells_of_a_table_stay_apart(space: str) -> None:
    made = f"<div xmlns='{space}'><table><tr><td>Heart</td><td>normal</td></tr><tr><td>Lungs</td></tr></table>end</div>"
    assert narrative_text(fromstring(made)) == "Heart\tnormal\nLungs\nend"


def test_what_is_nested_too_deeply_is_refused_not_cut() -> None:
    assert narrative_text(fromstring("<b>" * 60 + "deep" + "</b>" * 60)) == "deep"
    with pytest.raises(UnsupportedContent):
        narrative_text(fromstring("<b>" * 70 + "deep" + "</b>" * 70))
