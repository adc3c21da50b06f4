"""The reader's word: asked about what is open, saved as it is said, locked by a signature, reread after a conflict."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, ButtonGroup

from dashboard.components.verdict import box_use, in_words
from dashboard.components.verdict_boxes import asked_about
from engine import (
    Box,
    Call,
    Case,
    Finding,
    Judgement,
    Mark,
    MarkedRegion,
    Plausibility,
    Review,
    Stance,
    open_store,
    sample_index,
)

CASE = sample_index()[0].case_id
READER = "reader"
COMMENT = "<b>hazy</b> <img src=x onerror=alert(1)>"


def _page() -> None:
    """Draw the panel for a film that a model has answered for."""
    import numpy as np
    import streamlit as st

    from dashboard.components.verdict import verdict
    from dashboard.reading import Reading
    from dashboard.state import View
    from engine import (
        TASKS,
        Analysis,
        Call,
        Case,
        Domain,
        Explanation,
        Finding,
        Image,
        Method,
        sample_index,
    )

    if st.session_state.get("left"):  # another page is drawn in place of this one
        st.stop()
    case_id = st.session_state.get("case", sample_index()[0].case_id)
    films = tuple((Image(np.zeros((1, 8, 8), np.uint8), str(rank), modality="DX"),) for rank in range(2))
    case, film = Case(case_id, "Film", films), st.session_state.get("film", 0)
    findings = (
        Finding("normal", (0.6, 0.9)[film], Call.RULED_IN),
        Finding("viral pneumonia", 0.3, Call.UNCERTAIN),
        Finding("bacterial pneumonia", 0.1, Call.RULED_OUT),
    )
    analysis = Analysis("chest-xray", case_id, findings, Domain(True), "ab", "cpu")
    explanation = Explanation("chest-xray", case_id, Method.RELEVANCE, "normal", np.zeros((8, 8), np.float32), 1.0)
    task = TASKS[st.session_state.get("task", "chest-xray")]
    verdict(case, [Reading(task, View(case_id, task.name, film), analysis, explanation=explanation)])


def page(case_id: str = CASE) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    app.session_state["case"] = case_id
    app.run()
    assert not app.exception
    assert not app.error
    return app


def stance(app: AppTest, label: str) -> ButtonGroup:
    return next(found for found in app.button_group if found.label.startswith(label))


def button(app: AppTest, words: str) -> Button:
    return next(found for found in app.button if found.label.startswith(words))


def words(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def kept() -> Review:
    found = open_store().reviews.latest(CASE, READER)
    assert found is not None
    return found


def test_only_what_is_not_ruled_out_is_asked_about() -> None:
    asked = [found.label for found in page().button_group]
    assert asked == ["normal 0.60", "viral pneumonia 0.30", "The map is"]
    ruled_out = tuple(Finding(str(rank), 0.1, Call.RULED_OUT) for rank in range(3))
    assert asked_about(ruled_out) == ruled_out[:1]
    assert len(asked_about(tuple(Finding(str(rank), 0.5, Call.UNCERTAIN) for rank in range(9)))) == 3


def test_everything_that_is_said_is_kept_as_it_is_said() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.REJECT).run()
    stance(app, "viral").set_value(Stance.AGREE).run()
    stance(app, "The map").set_value(Plausibility.PARTLY).run()
    app.multiselect[0].set_value(["bacterial pneumonia"]).run()
    app.select_slider[0].set_value(80).run()
    app.text_area[0].set_value(COMMENT).run()
    assert not app.exception
    review = kept()
    assert review.judgements == (
        Judgement("chest-xray", "normal", Stance.REJECT, 0.6, model_digest="ab"),
        Judgement("chest-xray", "viral pneumonia", Stance.AGREE, 0.3, model_digest="ab"),
        Judgement("chest-xray", "bacterial pneumonia", Stance.ADD),
    )
    assert (review.plausible, review.confidence, review.comment) == (Plausibility.PARTLY, 80, COMMENT)
    assert review.labels("chest-xray") == ("viral pneumonia", "bacterial pneumonia")
    assert "Saved as a draft, change 6." in words(app)


def test_a_finding_that_is_asked_about_can_be_added_as_well() -> None:
    app = page()
    app.multiselect[0].set_value(["normal"]).run()
    again = page()
    assert not again.exception
    assert stance(again, "normal").value is None
    assert again.multiselect[0].value == ["normal"]
    stance(again, "normal").set_value(Stance.REJECT).run()
    assert {(said.label, said.stance) for said in kept().judgements} == {
        ("normal", Stance.ADD),
        ("normal", Stance.REJECT),
    }


def test_what_was_said_of_another_model_stays_and_is_told() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.AGREE).run()
    app.multiselect[0].set_value(["bacterial pneumonia"]).run()
    app.session_state["task"] = "film-and-note"
    app.run()
    assert "Said elsewhere in this case" in words(app)
    assert "Agree: normal 0.60 (image 1)" in words(app)
    assert "Add: bacterial pneumonia" in words(app)
    app.text_area[0].set_value("clear").run()
    stance(app, "viral").set_value(Stance.REJECT).run()
    assert [(said.task, said.label) for said in kept().judgements] == [
        ("chest-xray", "normal"),
        ("chest-xray", "bacterial pneumonia"),
        ("film-and-note", "viral pneumonia"),
    ]


def test_what_was_said_of_one_film_is_not_said_of_the_next() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.AGREE).run()
    app.session_state["film"] = 1
    app.run()
    assert stance(app, "normal 0.90").value is None
    app.text_area[0].set_value("clear").run()
    assert kept().judgements == (Judgement("chest-xray", "normal", Stance.AGREE, 0.6, model_digest="ab"),)
    stance(app, "normal").set_value(Stance.REJECT).run()
    assert [(said.image_index, said.stance, said.probability) for said in kept().judgements] == [
        (0, Stance.AGREE, 0.6),
        (1, Stance.REJECT, 0.9),
    ]


def test_what_is_taken_back_is_no_longer_said() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.AGREE).run()
    app.select_slider[0].set_value(50).run()
    stance(app, "normal").set_value(None).run()
    app.select_slider[0].set_value("–").run()
    assert kept().judgements == ()
    assert kept().confidence is None


def test_an_edit_is_not_signed_before_it_says_what_it_is_instead() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.EDIT).run()
    assert button(app, "Sign").disabled
    assert "Say what it is instead" in words(app)
    instead = next(found for found in app.selectbox if found.label == "Instead of normal")
    assert "normal" not in instead.options
    instead.set_value("viral pneumonia").run()
    assert not button(app, "Sign").disabled
    assert kept().judgement_of("chest-xray", "normal").instead == "viral pneumonia"


def test_a_draft_is_on_the_page_of_the_next_session() -> None:
    first = page()
    stance(first, "normal").set_value(Stance.EDIT).run()
    first.selectbox[0].set_value("viral pneumonia").run()
    first.text_area[0].set_value(COMMENT).run()
    later = page()
    assert stance(later, "normal").value == Stance.EDIT
    assert later.selectbox[0].value == "viral pneumonia"
    assert later.text_area[0].value == COMMENT
    assert kept().revision == 3


def test_a_readers_own_words_stay_among_the_choices() -> None:
    said = Judgement("chest-xray", "normal", Stance.EDIT, 0.6, "fibrosis")
    added = Judgement("chest-xray", "rib fracture", Stance.ADD)
    page()  # which puts the samples on the worklist
    open_store().reviews.save(Review(CASE, READER, judgements=(said, added)))
    app = page()
    assert app.selectbox[0].value == "fibrosis"
    assert app.multiselect[0].value == ["rib fracture"]
    assert kept().judgements == (said, added)
    assert kept().revision == 1


def test_a_signature_locks_and_an_amendment_begins_from_it() -> None:
    app = page()
    stance(app, "normal").set_value(Stance.AGREE).run()
    app.text_area[0].set_value(COMMENT).run()
    button(app, "Sign").click().run()
    assert [said.value for said in app.toast] == ["Signed: version 1 is locked."]
    signed = kept()
    assert signed.signed
    assert not app.button_group
    assert not app.text_area
    assert "&lt;b&gt;hazy" in words(app)
    assert "<b>hazy" not in words(app)
    button(app, "Amend").click().run()
    stance(app, "normal").set_value(Stance.REJECT).run()
    assert (kept().version, kept().comment, kept().signed) == (2, COMMENT, False)
    assert open_store().reviews.of(CASE)[0] == signed


def test_what_was_said_and_signed_is_kept_though_the_page_is_left_at_once() -> None:
    app = page()
    app.session_state["left"] = True
    stance(app, "normal").set_value(Stance.AGREE)
    app.text_area[0].set_value(COMMENT)
    button(app, "Sign").click().run()
    assert not app.button_group
    signed = kept()
    assert (signed.signed, signed.comment) == (True, COMMENT)
    assert signed.judgements == (Judgement("chest-xray", "normal", Stance.AGREE, 0.6, model_digest="ab"),)


def test_a_change_over_another_windows_words_is_told_and_theirs_are_on_the_page() -> None:
    app = page()
    app.text_area[0].set_value("clear").run()
    theirs = replace(kept(), comment="a nodule", confidence=90)
    open_store().reviews.save(theirs)
    stance(app, "normal").set_value(Stance.AGREE).run()
    assert "changed in another window" in words(app)
    assert app.text_area[0].value == "a nodule"
    assert app.select_slider[0].value == 90
    assert stance(app, "normal").value is None
    stance(app, "normal").set_value(Stance.REJECT).run()
    assert "changed in another window" not in words(app)
    assert (kept().comment, kept().confidence) == ("a nodule", 90)
    assert kept().judgements[0].stance is Stance.REJECT


def test_a_review_that_was_signed_in_another_window_is_shown_signed() -> None:
    app = page()
    app.text_area[0].set_value("clear").run()
    open_store().reviews.sign(kept())
    app.text_area[0].set_value("a nodule").run()
    assert "is signed and does not change" in words(app)
    assert button(app, "Amend")
    assert kept().comment == "clear"


def test_marks_are_listed_and_taken_out_again() -> None:
    page()
    region = MarkedRegion(Box(1, 2, 4, 7), Mark.NOT_THERE)
    open_store().reviews.save(Review(CASE, READER, regions=(region,)))
    app = page()
    remove = button(app, "Remove mark 1")
    assert remove.label == "Remove mark 1: not there, 5 × 3 pixels"
    remove.click().run()
    assert kept().regions == ()


def test_a_case_of_this_session_is_not_signed_and_says_so() -> None:
    app = page("of-this-session")
    app.text_area[0].set_value("clear").run()
    assert "belongs to this session alone" in words(app)
    assert not [found for found in app.button if found.label.startswith("Sign")]
    assert open_store().reviews.all() == ()


def test_a_box_means_what_the_reader_chose() -> None:
    def means() -> None:
        import streamlit as st

        from dashboard.components.verdict import box_use

        st.session_state["box-use-c-0"] = st.session_state.get("chosen")
        said = [str(box_use("c", asks=asks)) for asks in (True, False)]
        st.text(" ".join(said))

    app = AppTest.from_function(means)
    for chosen, said in ((None, "None here"), ("Mark: here", "here here"), ("Mark: not there", "not there not there")):
        app.session_state["chosen"] = chosen
        assert app.run().text[0].value == said
    assert box_use("nobody", asks=True) is None


def test_a_review_in_words() -> None:
    review = Review(
        "c",
        "r",
        judgements=(Judgement("t", "normal", Stance.EDIT, 0.6, "mass"), Judgement("t", "scar", Stance.ADD)),
        regions=(MarkedRegion(Box(0, 0, 1, 1), Mark.HERE),),
        plausible=Plausibility.NO,
        confidence=0,
        comment="Again in a year.",
    )
    assert in_words(review, Case("c", "Film")) == [
        "Edit: normal 0.60 is mass",
        "Add: scar",
        "1 marked on the image",
        "The map is not plausible",
        "Sure to 0 %",
        "Again in a year.",
    ]
    assert in_words(Review("c", "r"), Case("c", "Film")) == []
