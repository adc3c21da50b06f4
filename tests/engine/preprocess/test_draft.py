"""A draft is spelt as people write: capitals, signs and numbers, with each word's place in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from engine.errors import CheckpointError
from engine.preprocess.draft import draft_pieces, piece_number, spell

WORDS = "no acute disease small effusion ##s copd xxxx in the left base 1 2 3 . , ( ) - / cm"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    vocabulary = {word: rank for rank, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split()])}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 a token of text, no password
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


@pytest.mark.parametrize(
    "text",
    [
        "No acute disease.",
        "1. No acute disease. 2. Small effusions, left base.",
        "Small effusion (1.2 cm) in the left base.",
        "COPD. XXXX disease.",
        "No left/acute disease. Small 1-2 cm.",
    ],
)
def test_a_text_comes_back_as_it_was_written(tokenizer: Tokenizer, text: str) -> None:
    pieces = draft_pieces(text, tokenizer, longest=64)
    assert spell(pieces[1:-1], tokenizer)[0] == text


def test_lone_stops_go_and_long_texts_are_cut(tokenizer: Tokenizer) -> None:
    assert draft_pieces("No disease. .", tokenizer, longest=64) == draft_pieces("No disease.", tokenizer, longest=64)
    assert len(draft_pieces("no " * 100, tokenizer, longest=64)) == 64


@given(st.lists(st.integers(4, 3 + len(WORDS.split())), max_size=20))
def test_words_cover_the_text_and_the_pieces(tokenizer: Tokenizer, pieces: list[int]) -> None:
    text, words = spell(pieces, tokenizer)
    assert "".join(text[word.start : word.end] for word in words) == text.replace(" ", "")
    assert [rank for word in words for rank in range(word.first, word.last)] == list(range(len(pieces)))


def test_a_tokenizer_without_an_end_is_refused() -> None:
    with pytest.raises(CheckpointError, match="SEP"):
        piece_number("[SEP]", Tokenizer(models.WordPiece({"a": 0}, unk_token="a")))  # noqa: S106
