"""Sites of a long sequence: which one is looked at, and the table that can be taken away."""

from __future__ import annotations

import pytest
import streamlit as st

from dashboard.components.sites import site_asked, to_csv
from engine import Case, Scan, Sequence, Site

FOUND = Scan((Site(84, "intron-exon", 0.91234, "TTTTTTTCAG|GTACC"), Site(40, "exon-intron", 0.6, "")), 12, 200)


def test_the_most_probable_site_is_looked_at_until_another_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("c", "c", sequence=Sequence("A" * 200, ""))
    monkeypatch.setattr(st, "session_state", {})
    assert site_asked(case, FOUND) == 84
    assert site_asked(case, None) == site_asked(case, Scan((), 3, 200)) == 0
    st.session_state["site-c"] = 40
    assert site_asked(case, FOUND) == 40


def test_sixty_bases_are_asked_about_in_their_middle() -> None:
    assert site_asked(Case("c", "c", sequence=Sequence("A" * 60, "")), FOUND) == 0


def test_the_table_counts_bases_from_one() -> None:
    assert to_csv(FOUND).splitlines() == [
        "Base,Junction,Probability,Around",
        "85,intron-exon,0.9123,TTTTTTTCAG|GTACC",
        "41,exon-intron,0.6,",
    ]
