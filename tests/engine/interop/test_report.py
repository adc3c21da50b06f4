"""A report says what the records say, never whose case it is, and owns up to every change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.case import Case, Note
from engine.interop.report import DRAFT_MARK, CaseReport, Part, draft_report
from engine.interop.report_html import report_html
from engine.measured import Steadiness
from engine.models.card import Card
from engine.results import Drawn, Finding
from engine.review import Answer, Judgement, Review, Stance
from tests.engine.interop.conftest import TASK


def words(report: CaseReport, part: Part) -> str:
    return next(section.text for section in report.sections if section.part is part)


def test_the_reader_s_sections_follow_the_judgements(report: CaseReport) -> None:
    findings = words(report, Part.FINDINGS)
    assert "agrees with pneumonia, model 0.87 (likely)." in findings
    assert "rejects normal, model 0.13 (unlikely)." in findings
    assert "adds effusion, which the model did not name." in findings
    assert "Measurement 1, length, image 1, frame 1: 2.0 mm (at the detector)." in findings
    assert words(report, Part.IMPRESSION).splitlines() == [
        "Chest radiograph: pneumonia, effusion.",
        "Confidence of the reader: 80 %.",
    ]
    assert words(report, Part.COMMENT) == "Look again in a week."


def test_an_edited_finding_names_both_words(case: Case, answer: Answer, review: Review, card: Card) -> None:
    edited = replace(review, judgements=(Judgement(TASK, "pneumonia", Stance.EDIT, 0.87, instead="normal"),))
    report = draft_report(case, [answer], edited, cards={TASK: card})
    assert "normal instead of pneumonia, model 0.87 (likely)." in words(report, Part.FINDINGS)
    assert "Chest radiograph: normal." in words(report, Part.IMPRESSION)


def test_regions_are_in_millimetres_of_what_was_measured(report: CaseReport) -> None:
    assert "rows 10 to 20, columns 5 to 25 (4.0 × 4.0 mm at the detector, where everything is magnified)" in words(
        report, Part.FINDINGS
    )
    assert "marked “not there”" in words(report, Part.FINDINGS)


def test_without_a_scale_no_region_is_in_millimetres(case: Case, answer: Answer, review: Review, card: Card) -> None:
    bare = replace(case, series=((replace(case.images[0], spacing=None),),))
    findings = words(draft_report(bare, [answer], review, cards={TASK: card}), Part.FINDINGS)
    assert "× 4.0 mm" not in findings
    assert "no scale in the file" in findings


def test_nothing_of_the_file_s_name_is_taken_over(report: CaseReport) -> None:
    said = repr((report.examination, report.answers, report.sections, report.record, report.signature))
    said += repr([(shown.title, shown.alt, shown.overlay_alt) for shown in report.illustrations])
    assert "MEIER" not in said
    assert report.examination["Image 1"] == "DX, PA, body part CHEST, 60 × 40 pixels"


def test_alike_slices_share_a_line(case: Case, answer: Answer, review: Review, card: Card) -> None:
    one = case.images[0]
    stack = replace(case, series=((one,) * 300, (replace(one, view="LL"),)))
    said = draft_report(stack, [answer], review, cards={TASK: card}).examination
    assert list(said) == ["Case", "Images 1 to 300", "Image 301"]


def test_burned_in_words_are_warned_of(case: Case, answer: Answer, review: Review, card: Card) -> None:
    marked = replace(case.images[0], tags={"BurnedInAnnotation": "YES"})
    report = draft_report(replace(case, series=((marked,),)), [answer], review, cards={TASK: card})
    assert "look for names" in report.examination["Caution"]


def test_what_was_not_read_of_the_note_is_printed(case: Case, answer: Answer, review: Review, card: Card) -> None:
    noted = replace(case, note=Note("Well.", "d", warnings=("Page <2> was not read.",)))
    report = draft_report(noted, [answer], review, cards={TASK: card})
    assert report.examination["Not in the note"] == "Page <2> was not read."
    assert "Page &lt;2&gt; was not read." in report_html(report)


def test_the_record_tells_order_and_times(report: CaseReport) -> None:
    assert report.record == (
        "Order of reading: read first.",
        "Before the answer was shown, Chest radiograph: normal, confidence 60 %.",
        "Opened 2026-11-20 09:00:00 UTC, own reading recorded after 30 s, model's answer shown after 31 s, "
        "signed after 90 s.",
    )
    assert report.signature == "Signed by reader-1 at 2026-11-20 09:01:30 UTC, version 1 of this reading."


def test_a_draft_says_so(draft: CaseReport, report: CaseReport) -> None:
    assert draft.marks == (DRAFT_MARK,)
    assert draft.signature.startswith("Not signed.")
    assert report.marks == ()


def test_words_that_were_not_signed_are_owned_up_to(report: CaseReport, draft: CaseReport) -> None:
    changed = report.rewritten(Part.IMPRESSION, "All is well.")
    assert words(changed, Part.IMPRESSION) == "All is well."
    assert changed.marks == ("EDITED AFTER SIGNING – Impression",)
    assert draft.rewritten(Part.IMPRESSION, "All is well.").marks == (DRAFT_MARK,)
    assert changed.rewritten(Part.IMPRESSION, words(report, Part.IMPRESSION)).marks == ()


def test_outside_its_domain_the_model_makes_no_call(case: Case, answer: Answer, review: Review, card: Card) -> None:
    outside = replace(answer, in_domain=False, reasons=("It is a photograph.",))
    said = draft_report(case, [outside], review, cards={TASK: card}).answers[0]
    assert {line.call for line in said.lines} == {"no call"}
    assert "It is a photograph. The model abstains" in said.sentence


def test_words_that_were_not_read_are_owned_up_to(case: Case, answer: Answer, review: Review, card: Card) -> None:
    noted = replace(case, note=Note("Well.", "d"))
    partly, foreign = replace(answer, coverage=0.4), replace(answer, in_domain=False, readable=False)
    report = draft_report(noted, [partly, foreign], review, cards={TASK: card})
    assert "It read the first 40.0 % of the words alone" in report.answers[0].sentence
    assert not report.answers[1].lines


def test_many_labels_are_counted(case: Case, answer: Answer, review: Review, card: Card) -> None:
    call = answer.findings[0].call
    many = replace(answer, findings=tuple(Finding(f"label {i}", 0.5, call) for i in range(20)))
    said = draft_report(case, [many], review, cards={TASK: card}).answers[0]
    assert len(said.lines) == 8
    assert said.more == "and 12 less probable labels"


def test_a_review_of_another_case_is_refused(case: Case, answer: Answer, review: Review, card: Card) -> None:
    with pytest.raises(ValueError, match="another case"):
        draft_report(case, [answer], replace(review, case_id="other"), cards={TASK: card})


def test_a_drawn_lesion_is_told_with_its_size_unless_the_model_abstains(
    case: Case, answer: Answer, review: Review, card: Card
) -> None:
    drawing = replace(answer, drawn=Drawn(((10, 5, 20, 25),), (0.7,), 0.08, 0.9))
    for in_domain, said in (
        (True, "One lesion drawn: 4 × 4 mm, mean probability inside 0.70; 8.0% of the image."),
        (False, ""),
    ):
        report = draft_report(case, [replace(drawing, in_domain=in_domain)], review, cards={TASK: card})
        assert report.answers[0].drawn.startswith(said)
        assert bool(report.answers[0].drawn) == in_domain == ("lesion drawn" in report_html(report))


def test_it_is_told_whether_the_answer_stood_when_the_picture_was_moved_unless_the_model_abstains(
    case: Case, answer: Answer, review: Review, card: Card
) -> None:
    steady = {TASK: Steadiness("pneumonia", 9, 8 / 9, 0.44, 0.88)}
    for in_domain, said in ((True, "The answer held in 7 of 8 small shifts (pneumonia 0.44 to 0.88)."), (False, "")):
        asked = replace(answer, in_domain=in_domain)
        report = draft_report(case, [asked], review, cards={TASK: card}, steady=steady)
        assert report.answers[0].steady == said
        assert ("The answer held" in report_html(report)) == in_domain
    assert draft_report(case, [answer], review, cards={TASK: card}).answers[0].steady == ""


def test_a_label_that_ends_in_a_full_stop_ends_its_sentence(case: Case, review: Review) -> None:
    """The impression said "Consult - History and Phy..", as that specialty is abbreviated."""
    read = replace(review, judgements=(Judgement("clinical-note", "Consult - History and Phy.", Stance.ADD),))
    impression = words(draft_report(case, (), read, cards={}), Part.IMPRESSION)
    assert impression.splitlines()[0] == "clinical-note: Consult - History and Phy."
