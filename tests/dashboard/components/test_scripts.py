"""What the components' JavaScript says, in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.components.scripts import said_in, script, words_of
from dashboard.components.viewer.words import SAID, words
from engine import speaking

ROOM = Path(__file__).resolve().parents[3] / "dashboard" / "components"
SCRIPTS = sorted(path.name for path in ROOM.glob("*.js"))


def test_the_sentences_of_the_viewer_s_sources_are_those_that_python_translates() -> None:
    sources = (ROOM / "viewer/frontend/src").glob("*.js")
    assert {said for path in sources for said in said_in(path.read_text("utf-8"))} == set(SAID)


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in {"words.js", "patches.js", "language.js"}])
def test_what_a_script_says_is_sent_in_the_language_of_the_page(name: str) -> None:
    assert words_of(name) == {}
    with speaking("zh_CN"):
        sent = words_of(name)
    assert set(sent) == set(said_in(script(name)))
    assert all(re.search(r"[\u4e00-\u9fff]", said) for said in sent.values())


def test_what_the_viewer_says_is_sent_in_the_language_of_the_page() -> None:
    assert words() == {}
    with speaking("zh_CN"):
        assert words()["Hide map"] == "隐藏注意力图"
