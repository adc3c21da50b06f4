"""What maps are worth is told by name, the best first, with what knows nothing beside it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from engine import shipped_card


def _page(names: tuple[str, ...], source: str) -> None:
    from dataclasses import replace

    from dashboard.components.map_worth import map_worth
    from engine import Metric, shipped_card

    figures = {name: Metric(0.5 - rank / 10, 0.1, 0.9, 24 + rank) for rank, name in enumerate(names)}
    map_worth(
        replace(shipped_card("splice-junction"), metrics={"accuracy": Metric(1, None, None, 3), **figures}), source
    )


def _html(names: tuple[str, ...], source: str) -> str:
    app = AppTest.from_function(_page, args=(names, source), default_timeout=60).run()
    assert not app.exception
    return "\n".join([*(one.proto.body for one in app.get("html")), *(one.value for one in app.caption)])


def test_the_best_comes_first_and_differences_last() -> None:
    names = ("outside_drop@relevance over blob", "outside_drop@attcat", "outside_drop@blob", "outside_drop@random")
    html = _html(("removal_gap@relevance", *names), "note")
    said = ("AttCAT", "a blob in the middle", "parts at random", "Relevance less a blob in the middle")
    places = [html.index(f">{words}</th>") for words in said]
    assert places == sorted(places)
    assert "0.500 (0.100 to 0.900)" in html
    assert ">24</td>" in html
    assert "a hidden word" in html


def test_without_an_outside_check_none_is_spoken_of() -> None:
    html = _html(("removal_gap@relevance",), "sequence")
    assert "Relevance" in html
    assert "replaced" not in html
    assert _html((), "image") == ""


def test_every_figure_of_a_shipped_card_can_be_named() -> None:
    names = tuple(name for name in shipped_card("chest-xray").metrics if name.startswith("removal_gap@"))
    assert "Learned Shapley values less LibraGrad full gradient" in _html(names, "image")
