"""A question in words that a model knows is inside; one that it can only spell is outside, and says so."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from engine.trust.question_domain import word_reasons

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def speller() -> Tokenizer:
    pieces = ["[UNK]", *LETTERS, *(f"##{letter}" for letter in LETTERS), "is", "there", "pneumo", "##tho", "##rax", "?"]
    made = Tokenizer(models.WordPiece({piece: rank for rank, piece in enumerate(pieces)}, unk_token="[UNK]"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def test_words_in_few_pieces_are_known(speller: Tokenizer) -> None:
    assert word_reasons("is there a pneumothorax?", speller) == []


@pytest.mark.parametrize("question", ["qxz kjvb", "这 是 什么", "is zzzz qqqq xxxx"])
def test_words_that_are_spelt_or_unknown_are_outside(speller: Tokenizer, question: str) -> None:
    (reason,) = word_reasons(question, speller)
    assert "taught in English" in reason


@pytest.mark.parametrize("question", ["???", "?"])
def test_signs_alone_are_no_question(speller: Tokenizer, question: str) -> None:
    assert word_reasons(question, speller) == ["There are no words in the question."]
