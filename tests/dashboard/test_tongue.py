"""The language of a session: chosen by its reader, else the browser's, and carried along with its work."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import keeping, tongue
from dashboard.background import Job
from engine import Action, AttendingError, language, speaking, tr

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


def test_the_first_page_speaks_the_language_that_was_chosen() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["language"] = "zh_CN"
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "工作列表"
    assert [button.label for button in app.button if button.key == "next-unseen"] == ["下一个未查看病例"]
    assert app.button_group(key="worklist-state").options[0] in {"全部", "All"}
    assert app.session_state["worklist-state"] == "All"  # what is kept does not depend on the language


def test_another_session_speaks_english_meanwhile() -> None:
    chinese, english = (AppTest.from_file(str(APP), default_timeout=60) for _ in range(2))
    chinese.session_state["language"] = "zh_CN"
    assert (chinese.run().subheader[0].value, english.run().subheader[0].value) == ("工作列表", "Worklist")
    assert language() == "en"


def _fragment_alone() -> None:
    import streamlit as st

    from dashboard.tongue import speaks
    from engine import tr

    st.session_state["language"] = "zh_CN"
    st.caption(speaks(lambda: tr("Hide map"))())
    st.caption(tr("Hide map"))


def test_a_fragment_speaks_the_reader_s_language_without_the_page_around_it() -> None:
    app = AppTest.from_function(_fragment_alone).run()
    assert [caption.value for caption in app.caption] == ["隐藏注意力图", "Hide map"]


def _page_of_an_error() -> None:
    import streamlit as st

    from dashboard.components.frame import told

    st.session_state["language"] = "zh_CN"
    with told():
        raise RuntimeError


def test_an_error_is_told_in_the_reader_s_language() -> None:
    app = AppTest.from_function(_page_of_an_error).run()
    assert app.error[0].value.startswith("这是程序的问题，不是您的问题：程序中出现 RuntimeError。")


@pytest.mark.usefixtures("work_at_once")
def test_work_in_the_background_speaks_the_language_of_who_asked_for_it() -> None:
    with speaking("zh_CN"):
        job = Job(lambda progress: tr("Hide map"))
    assert job.wait(120)
    assert job.result == "隐藏注意力图"


@pytest.mark.usefixtures("work_at_once")
def test_work_that_fails_says_so_in_the_language_of_who_asked_for_it() -> None:
    def fail(progress: object) -> None:
        raise AttendingError(tr("Nobody has signed in."), tr("Sign in to see cases."))

    with speaking("zh_CN"):
        job = Job(fail)
    assert job.wait(120)
    assert job.failed.startswith("尚无人登录。")


def test_what_is_taken_away_is_made_in_the_language_of_the_page() -> None:
    with speaking("zh_CN"):
        taken = keeping.recorded(lambda: tr("Report"), Action.REPORT_EXPORTED, "case", kind="HTML")
    assert taken() == "报告"


@pytest.mark.parametrize("locale", ["zh", "zh-CN", "zh-TW", "ZH-hans"])
def test_a_browser_that_asks_for_chinese_is_spoken_to_in_chinese(locale: str) -> None:
    assert tongue.asked_by(locale) == "zh_CN"


@pytest.mark.parametrize("locale", ["en-US", "de", "", None, "zhx", "../../etc"])
def test_any_other_browser_is_spoken_to_in_english(locale: str | None) -> None:
    assert tongue.asked_by(locale) == "en"
