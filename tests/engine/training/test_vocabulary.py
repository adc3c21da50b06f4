"""A pruned vocabulary: the pieces that are used stay and mean what they meant, all else is spelt or unknown."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer

from engine.models.text import start_from_encoder
from engine.training.vocabulary import prune_vocabulary


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
