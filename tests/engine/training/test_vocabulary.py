"""A pruned tokenizer reads known texts as before, and can spell what it has lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from engine.models.text import start_from_encoder
from engine.training.vocabulary import prune, prune_vocabulary

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def whole() -> Tokenizer:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    pieces += ["is", "there", "heart", "lung", "##s", "zebra", "?"]
    ranks = {piece: rank for rank, piece in enumerate(dict.fromkeys(pieces))}
    made = Tokenizer(models.WordPiece(ranks, unk_token="[UNK]"))  # noqa: S106 a token of text, no password
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return made


def test_known_texts_are_read_as_before_and_numbers_lead_back(whole: Tokenizer) -> None:
    pruned, kept = prune(whole, ["Is there a lung?"], size=61)
    assert len(kept) == pruned.get_vocab_size() == 61
    before, after = whole.encode("is there a lung?"), pruned.encode("is there a lung?")
    assert after.tokens == before.tokens
    assert [int(kept[rank]) for rank in after.ids] == before.ids
    assert pruned.token_to_id("[PAD]") == 0


def test_a_word_that_was_cut_is_spelt(whole: Tokenizer) -> None:
    pruned, _ = prune(whole, ["heart"], size=59)
    assert pruned.encode("zebra", add_special_tokens=False).tokens == ["z", "##e", "##b", "##r", "##a"]
    assert pruned.encode("heart", add_special_tokens=False).tokens == ["heart"]


def test_words_that_are_used_keep_their_embedding(encoder_folder: Path, tokenizer: Tokenizer) -> None:
    network = start_from_encoder(encoder_folder, num_labels=2)
    smaller, kept = prune_vocabulary(network, tokenizer, ["the left knee knee", "no rash"], size=14)
    assert smaller.config.vocab_size == kept.get_vocab_size() == 14
    for word in ("knee", "left", "rash"):
        before = network.embeddings.word_embeddings.weight[tokenizer.token_to_id(word)]
        after = smaller.embeddings.word_embeddings.weight[kept.token_to_id(word)]
        torch.testing.assert_close(before, after)
    assert kept.encode("left murmur").tokens == ["left", "[UNK]"]


def test_a_vocabulary_that_is_small_enough_stays(encoder_folder: Path, tokenizer: Tokenizer) -> None:
    network = start_from_encoder(encoder_folder, num_labels=2)
    assert prune_vocabulary(network, tokenizer, [], size=10_000) == (network, tokenizer)
