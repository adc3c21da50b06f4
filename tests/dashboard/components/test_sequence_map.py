"""The map over bases: what travels to the browser, and that a click comes back as the base that was meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st

from dashboard.components import sequence_map as room
from dashboard.components.sequence_map import sequence_map
from engine import Case, Explanation, Method, Mutations, Place, Sequence, Span, Stretch, Substitution


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the browser's half was given."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(room, "_component", lambda: lambda **given: kept.update(given))
    return kept


def _case(site: int = 0) -> Case:
    return Case("c", "c", sequence=Sequence("ACGT" * 50, "", site=site))


def test_bases_around_the_site_travel_with_their_relevance(sent: dict[str, Any]) -> None:
    explanation = Explanation(Method.OCCLUSION, "exon-intron", 2.0, spans=(Span(100, 101, 1.5), Span(101, 102, -0.5)))
    sequence_map(
        _case(), explanation, None, said="exon-intron", key="k", edited=[Stretch(98, 100), Substitution(101, "A")]
    )
    data = sent["data"]
    assert (data["places"], data["site"], len(data["bases"])) == (list(range(60, 140)), 40, 80)
    assert data["relevance"][40:42] == [1.5, -0.5]
    assert data["relevance"][0] is None
    assert data["sides"] == ("exon", "intron")
    assert data["struck"] == [98, 99]
    assert data["changed"] == {"101": "A"}
    assert not data["canEdit"]


def test_the_ends_of_a_sequence_end_the_drawing(sent: dict[str, Any]) -> None:
    sequence_map(_case(5), None, None, said="neither", key="k")
    assert (sent["data"]["places"][0], len(sent["data"]["bases"])) == (0, 45)
    assert sent["data"]["map"] is sent["data"]["sides"] is None


def test_substitutions_stand_at_their_bases(sent: dict[str, Any]) -> None:
    mutations = Mutations("exon-intron", np.array([100]), np.array([[0.0, -0.1, 0.2, -0.3]]), 0.9)
    sequence_map(_case(), None, mutations, said="exon-intron", key="k")
    changes = sent["data"]["mutations"]["changes"]
    assert changes[40] == [0.0, -0.1, 0.2, -0.3]
    assert sum(change is not None for change in changes) == 1


@pytest.mark.parametrize(
    ("base", "letter", "told"),
    [
        (100, None, [Stretch(100, 101)]),
        (100, "T", [Substitution(100, "T")]),
        (100, "N", []),
        ("100", None, []),
        (3, None, []),
        (140, "A", []),
    ],
)
def test_a_click_takes_the_base_away_that_was_meant_or_puts_another_there(
    sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch, base: Any, letter: str | None, told: list[Place]
) -> None:
    edited: list[Place] = []
    sequence_map(_case(), None, None, said="neither", key="k", on_edit=edited.append)
    monkeypatch.setattr(st, "session_state", {"k": {"edited": {"base": base, "letter": letter, "clicked": 1}}})
    sent["on_edited_change"]()
    assert edited == told


def test_a_site_of_the_other_strand_is_drawn_as_that_strand_is_read(sent: dict[str, Any]) -> None:
    explanation = Explanation(Method.OCCLUSION, "exon-intron", 2.0, spans=(Span(99, 100, 1.5),))
    bases = "A" * 98 + "AC" + "G" * 100  # GT on the other strand, before base 100
    case = Case("c", "c", sequence=Sequence(bases, "", site=-100))
    sequence_map(case, explanation, None, said="exon-intron", key="k")
    data = sent["data"]
    assert data["bases"][data["site"] : data["site"] + 2] == "GT"
    assert data["places"][data["site"]] == 99
    assert data["relevance"][data["site"]] == 1.5
    assert data["strand"]
