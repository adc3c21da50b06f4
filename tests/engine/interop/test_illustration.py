"""Pictures keep their proportions, their letters and the reader's marks; maps keep their fixed scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.case import Case, Course, Note, Sequence, Stretch
from engine.interop.illustration import UNCHECKED, Edges, ShownMap, illustrations, legend, strongest
from engine.models.card import Card
from engine.results import Explanation, Method, Span
from engine.review import KeyImage, Review
from tests.engine.interop.conftest import TASK


def test_the_picture_has_its_true_proportions(case: Case, shown: ShownMap, card: Card) -> None:
    drawn = illustrations(case, [shown], (), {TASK: card})[0]
    assert drawn.plain is not None
    assert drawn.overlay is not None
    assert drawn.plain.size == drawn.overlay.size
    assert drawn.plain.width / drawn.plain.height == (60 * 0.2) / (40 * 0.4)


def test_the_letters_of_all_four_edges_are_known(case: Case, card: Card) -> None:
    assert illustrations(case, (), (), {TASK: card})[0].edges == Edges(left="R", right="L", top="H", bottom="F")


def test_the_map_colours_what_it_marks_and_leaves_what_was_not_seen(case: Case, shown: ShownMap, card: Card) -> None:
    drawn = illustrations(case, [shown], (), {TASK: card})[0]
    plain, overlay = np.asarray(drawn.plain, int), np.asarray(drawn.overlay, int)
    np.testing.assert_array_equal(plain[0], overlay[0])
    left, right = overlay[20, 5], overlay[20, -5]
    assert left[0] > left[2]  # yellow: the end of the scale
    assert right[2] > right[1]  # violet: its beginning


def test_the_reader_s_marks_are_drawn_and_what_is_not_there_is_crossed_out(
    case: Case, review: Review, card: Card
) -> None:
    bare, marked = (
        np.asarray(illustrations(case, (), regions, {TASK: card})[0].plain, int) for regions in ((), review.regions)
    )
    changed = np.abs(bare - marked).sum(axis=2) > 0  # (rows, columns)
    rows, columns = bare.shape[0] / 40, bare.shape[1] / 60
    assert changed[round(15 * rows), round(5 * columns)]  # the left edge of the first
    assert changed[round(30 * rows), round(40 * columns)]  # the middle of the second, on its diagonal
    assert not changed[round(2 * rows), round(2 * columns)]


def test_a_map_that_was_not_checked_is_no_reason(case: Case, shown: ShownMap, card: Card) -> None:
    checked, unchecked = illustrations(case, [shown, replace(shown, faithfulness=None)], (), {TASK: card})
    assert checked.trusted
    assert checked.badge.startswith("This map: faithful. It does better than 20 of 20 random maps. p = 0.048")
    assert not unchecked.trusted
    assert unchecked.badge == UNCHECKED


def test_the_legend_tells_unit_and_scale() -> None:
    plain = legend(Explanation(Method.RELEVANCE, "a", 4.0))
    assert (plain.low, plain.middle, plain.high) == ("0", "2.0", "4.0 and more")
    signed = legend(Explanation(Method.OCCLUSION, "a", 4.0))
    assert (signed.low, signed.middle, signed.high) == ("−4.0 against", "0", "+4.0 for")
    assert signed.unit == "multiples of an average patch"


def test_words_bases_and_observations_are_named() -> None:
    spans = (Span(0, 4, 0.5), Span(5, 10, -2.0))
    map_ = Explanation(Method.ATTCAT, "a", 4.0, spans=spans)
    assert strongest(Case("a", "a", note=Note("high fever", "d")), map_) == ("“fever” −2.0×", "“high” +0.5×")
    bases = Explanation(Method.ATTCAT, "a", 4.0, spans=(Span(2, 3, 1.0),))
    assert strongest(Case("a", "a", sequence=Sequence("AAGT", "d")), bases) == ("G at 3 +1.0×",)
    course = Course(np.array([1.0, 2.5, 3.0]), ("HR", "pH", "HR"), np.array([90, 7.1, 95.0]), "d")
    observed = Explanation(Method.ATTCAT, "a", 4.0, observed=np.array([0.5, 3.0, np.nan], np.float32))
    assert strongest(Case("a", "a", course=course), observed) == ("pH 7.1 at 2.5 h +3.0×", "HR 90 at 1.0 h +0.5×")


def test_a_key_image_is_printed_under_its_name_and_once(case: Case, shown: ShownMap, card: Card) -> None:
    keys = (KeyImage(0, 0), KeyImage(7, 0))  # the second was of an image that is no longer there
    (bare,) = illustrations(case, (), (), {TASK: card}, keys)
    assert bare.title.startswith("Key image: Image 1, frame 1")
    assert bare.alt.startswith("Key image")
    assert len(illustrations(case, (shown,), (), {TASK: card}, keys)) == 1, "its map is printed beside the picture"


def test_other_words_are_printed_where_the_note_may_name_somebody() -> None:
    case = Case("1", "", note=Note("Lopez coughs.", "d"))
    explanation = Explanation(Method.RELEVANCE, None, 3.0, spans=(Span(0, 5, 2.0), Span(6, 12, 1.0)))
    printed = strongest(case, explanation, {Stretch(0, 5): "Rivera"})
    assert printed == ("“Rivera” +2.0×", "“coughs” +1.0×")


def test_maps_that_lie_on_no_picture_are_tables_but_a_note_is_not_printed() -> None:
    """What a course's or a sequence's map looks like was not to be seen in a report; a note's words may name people."""
    explanation = Explanation(Method.RELEVANCE, "a", 2.0)
    course = Course(np.array([1.0, 2.5]), ("HR", "pH"), np.array([90, 7.1]), "d")
    spans = tuple(Span(at, at + 1, 1.0) for at in range(4))
    cases = (
        (Case("c", "c", course=course), replace(explanation, observed=np.array([1, -2], np.float32))),
        (Case("s", "s", sequence=Sequence("ACGT", "d")), replace(explanation, spans=spans)),
        (Case("n", "n", note=Note("Ache", "d")), replace(explanation, spans=spans)),
    )
    drawn = [illustrations(case, [ShownMap(TASK, shown)], (), {})[0] for case, shown in cases]
    assert [one.wide for one in drawn] == [one.plain is not None for one in drawn] == [True, True, False]
    units = [one.legend.unit for one in drawn if one.legend is not None]
    assert units == ["multiples of an average observation", "multiples of an average base"]
