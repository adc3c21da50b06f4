"""Every character is printed or visibly replaced: none vanishes unseen."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.platypus import Paragraph

from engine.interop.fonts import REPLACEMENT, printable


@pytest.mark.parametrize(
    "text", ["Größe 5 µm", "Ελληνικά άλφα", "Кириллица", "≤ 3 × 10⁻³ → °C", "Łódź Kraków žluťoučký"]
)
def test_latin_greek_cyrillic_and_signs_are_embedded(text: str) -> None:
    found = printable(text)
    assert (found.markup, found.missing, found.chinese) == (text, 0, False)


def test_chinese_is_embedded() -> None:
    found = printable("肺炎：右下肺实变（可能），术后複查")
    assert (found.missing, found.chinese) == (0, True)


@pytest.mark.parametrize("text", ["שלום", "عربي", "ไทย", "हिन्दी", "😀"])
def test_scripts_that_need_shaping_are_visibly_replaced(text: str) -> None:
    found = printable(text)
    assert found.missing > 0
    assert set(found.markup) == {REPLACEMENT}


def test_what_turns_text_around_is_left_out() -> None:
    assert printable("a\u202eb\u200d\u00ad").markup == "ab"


@settings(deadline=None)
@given(st.text())
def test_any_text_becomes_a_paragraph_of_as_many_signs(text: str) -> None:
    found = printable(text)
    Paragraph(found.markup)
    plain = re.sub(r"</?font[^>]*>", "", found.markup).replace("<br/>", "\n")
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    inked = [c for c in unicodedata.normalize("NFC", text) if c != "\r" and unicodedata.category(c) != "Cf"]
    assert len(plain) == len(inked)
    assert found.missing == plain.count(REPLACEMENT)
