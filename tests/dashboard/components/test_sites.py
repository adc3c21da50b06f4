"""Sites of a long sequence: which one is looked at, and what is expected of them."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st

from dashboard.components.sites import expected_density, site_asked
from engine import DENSITY, Case, Scan, Sequence

LONG = "A" * 200
FOUND = Scan(
    "c", LONG, np.array([-84, 40]), np.array([[5, -9], [4, -9]], np.float32), np.ones((2, 2), np.bool_), searched=12
)
NONE = Scan("c", LONG, np.empty(0, np.int64), np.empty((0, 2), np.float32), np.empty((0, 2), np.bool_), searched=3)


def test_the_most_probable_site_is_looked_at_until_another_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("c", "c", sequence=Sequence(LONG, ""))
    monkeypatch.setattr(st, "session_state", {})
    assert site_asked(case, FOUND) == -84
    assert site_asked(case, None) == site_asked(case, NONE) == 0
    st.session_state["site-c"] = 40
    assert site_asked(case, FOUND) == 40


def test_sixty_bases_are_asked_about_in_their_middle() -> None:
    assert site_asked(Case("c", "c", sequence=Sequence("A" * 60, "")), FOUND) == 0


def test_the_density_is_that_of_a_gene_until_the_reader_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    assert expected_density() == DENSITY
    st.session_state["junctions-expected"] = 0.1
    assert expected_density() == 0.1
