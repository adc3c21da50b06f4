"""Findings are shown with their calls, and without any outside the model's domain."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page(inside: bool, count: int, readable: bool = True) -> None:
    from dashboard.components.findings import findings_table, headline
    from engine import Analysis, Call, Domain, Finding

    found = tuple(
        Finding(f"<b>label {i}</b>", 0.9 - i / 100, Call.RULED_OUT if i else Call.RULED_IN) for i in range(count)
    )
    analysis = Analysis("task", "case", found, Domain(inside, ("It is a photograph.",), readable), "ab", "cpu")
    headline(analysis, "Chest radiograph")
    findings_table(analysis, "Chest radiograph")


def shown(inside: bool = True, count: int = 3, readable: bool = True) -> str:
    app = AppTest.from_function(_page, args=(inside, count, readable)).run()
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_labels_are_escaped() -> None:
    html = shown()
    assert "&lt;b&gt;label 0" in html
    assert "<b>label" not in html


def test_inside_the_domain_calls_are_made() -> None:
    html = shown()
    assert "ruled in" in html
    assert "abstains" not in html


def test_outside_the_domain_the_model_abstains_and_says_why() -> None:
    html = shown(inside=False)
    assert "It is a photograph." in html
    assert "abstains" in html
    assert "ruled in" not in html
    assert html.count("no call") == 3


def test_labels_that_are_ruled_out_fold_away_where_there_are_many() -> None:
    assert "<details>" not in shown(count=6)
    many = shown(count=20)
    assert "19 more labels" in many
    assert all(f"label {i}&lt;" in many for i in range(20))


def test_of_words_that_the_model_cannot_read_no_figures_are_shown() -> None:
    html = shown(inside=False, readable=False)
    assert "no call" in html
    assert "label" not in html
