"""Every character of a note is in a window, and relevance finds its way back to the right words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from engine.case import Note
from engine.errors import CaseError, CheckpointError
from engine.preprocess import text

SENTENCE = "The patient has a fracture of the left knee, no rash. "


def _note(content: str) -> Note:
    return Note(content, digest="")


def test_a_short_note_is_one_window_between_special_tokens(tokenizer: Tokenizer) -> None:
    inputs, offsets, coverage = text.prepare_note(_note("The fracture."), tokenizer)
    assert [tokenizer.id_to_token(token) for token in inputs.values[0].tolist()] == (
        ["[CLS]", "the", "frac", "##ture", ".", "[SEP]"]
    )
    assert inputs.presence.all()
    assert offsets.special.tolist() == [[True, False, False, False, False, True]]
    assert offsets.words.tolist() == [[-1, 0, 1, 1, 2, -1]]
    assert coverage == 1.0


def test_spans_are_the_words_of_the_note_with_their_pieces_merged(tokenizer: Tokenizer) -> None:
    content = "The  fracture, left\nknee"
    _, offsets, _ = text.prepare_note(_note(content), tokenizer)
    spans = offsets.to_spans(np.array([[9.0, 1.0, 2.0, 4.0, 0.0, 1.0, 5.0, 9.0]]))
    assert [content[span.start : span.end] for span in spans] == ["The", "fracture", ",", "left", "knee"]
    assert [span.relevance for span in spans] == pytest.approx([0.5, 1.5, 0.0, 0.5, 2.5])


def test_signs_are_kept_and_nothing_stays_nothing(tokenizer: Tokenizer) -> None:
    _, offsets, _ = text.prepare_note(_note("left knee"), tokenizer)
    assert [s.relevance for s in offsets.to_spans(np.array([[0.0, -3.0, 1.0, 0.0]]))] == pytest.approx([-1.5, 0.5])
    assert [s.relevance for s in offsets.to_spans(np.zeros((1, 4)))] == [0.0, 0.0]


def test_overlapping_windows_average_the_same_word(tokenizer: Tokenizer) -> None:
    content = SENTENCE * 30
    inputs, offsets, coverage = text.prepare_note(_note(content), tokenizer)
    assert len(inputs.values) == 2
    relevance = np.zeros(offsets.words.shape)
    relevance[0], relevance[1] = 1.0, 3.0
    spans = offsets.to_spans(relevance)
    values = np.array([span.relevance for span in spans])
    scale = values[0]  # the first window's words, before the scaling to a mean of 1, weigh 1
    assert set(np.round(values / scale, 6)) == {1.0, 2.0, 3.0}
    assert np.mean(values) == pytest.approx(1.0)
    assert coverage == 1.0
    assert "".join(content[s.start : s.end] for s in spans) == content.replace(" ", "")


def test_padding_is_absent(tokenizer: Tokenizer) -> None:
    inputs, offsets, _ = text.prepare_note(_note(SENTENCE * 30), tokenizer)
    last = int(inputs.presence[1].sum())
    assert last < inputs.values.shape[1]
    assert not inputs.presence[1, last:].any()
    assert offsets.special[1, last - 1 :].all()
    assert tokenizer.id_to_token(int(inputs.values[1, last - 1])) == "[SEP]"


@given(st.integers(1, 7000))
@settings(max_examples=100, deadline=None)
def test_windows_leave_no_gap_and_the_last_one_adds_something(count: int) -> None:
    starts = text.window_starts(count)
    assert starts[0] == 0
    assert (np.diff(starts) == text.STRIDE).all()
    assert len(starts) <= text.MAX_WINDOWS
    if len(starts) < text.MAX_WINDOWS:
        assert starts[-1] + text.BODY >= count
    if len(starts) > 1:
        assert starts[-2] + text.BODY < count


def test_a_long_note_is_read_whole(tokenizer: Tokenizer) -> None:
    assert text.prepare_note(_note("knee " * 30_000), tokenizer)[2] == 1


def test_a_book_is_read_in_part_and_says_so(tokenizer: Tokenizer) -> None:
    inputs, _, coverage = text.prepare_note(_note("knee " * 60_000), tokenizer)
    assert len(inputs.values) == text.MAX_WINDOWS
    assert coverage == pytest.approx(((text.MAX_WINDOWS - 1) * text.STRIDE + text.BODY) / 60_000)


@given(st.text(min_size=1, max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_ordered_spans_inside_it(tokenizer: Tokenizer, content: str) -> None:
    try:
        inputs, offsets, _ = text.prepare_note(_note(content), tokenizer)
    except CaseError:
        return
    spans = offsets.to_spans(np.ones(tuple(inputs.values.shape)))
    assert spans
    assert all(0 <= span.start < span.end <= len(content) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@pytest.mark.parametrize("content", ["", "  \n\t "])
def test_a_note_without_words_is_refused(tokenizer: Tokenizer, content: str) -> None:
    with pytest.raises(CaseError, match="no words"):
        text.prepare_note(_note(content), tokenizer)


def test_a_tokenizer_of_another_kind_is_refused() -> None:
    with pytest.raises(CheckpointError, match="tokenizer"):
        text.cut_windows([(text.Pieces(*(np.ones(3, int) for _ in range(3))), 0)], Tokenizer.from_str(_OTHER))


_OTHER = '{"version": "1.0", "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}'


def test_relevance_of_another_shape_is_refused(tokenizer: Tokenizer) -> None:
    _, offsets, _ = text.prepare_note(_note("knee"), tokenizer)
    with pytest.raises(ValueError, match="shape"):
        offsets.to_spans(np.ones((1, 9)))


def test_words_leave_whole_and_special_tokens_stay(tokenizer: Tokenizer) -> None:
    inputs, offsets, _ = text.prepare_note(_note(SENTENCE * 30), tokenizer)
    thinned = text.keep_words(inputs, offsets, np.array([0.5, 0.0]), np.random.default_rng(0))
    present = thinned.presence.numpy()
    assert (present & ~inputs.presence.numpy()).sum() == 0
    assert present[offsets.special & inputs.presence.numpy()].all()
    assert not present[1][~offsets.special[1]].any()
    for word in np.unique(offsets.words[0][~offsets.special[0]]):
        assert len(np.unique(present[0][offsets.words[0] == word])) == 1
    assert 0.35 < present[0][~offsets.special[0]].mean() < 0.65
