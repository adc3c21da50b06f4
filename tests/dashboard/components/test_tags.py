"""The tag browser finds by name and by value, and says what was left out."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from dashboard.components.tags import tag_browser

    tag_browser({"Modality": "DX", "ViewPosition": "PA", "KVP": "<b>70</b>"}, key="tags")


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_attributes_are_searched_by_name_and_value() -> None:
    app = AppTest.from_function(page).run()
    assert all(name in html(app) for name in ("Modality", "ViewPosition", "KVP"))
    assert "<b>70" not in html(app)
    app.text_input[0].set_value("dx").run()
    assert "Modality" in html(app)
    assert "ViewPosition" not in html(app)
    app.text_input[0].set_value("name").run()
    assert "No attribute" in html(app)
