"""A tokenizer and a BERT encoder small enough to be made anew for the tests, which compute on one thread each."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

WORDS = "the patient has a frac ##ture of left right knee heart murmur skin rash . , - no 2 ##3"


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Small tensors gain nothing from threads, and tests already run side by side."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Word pieces over a vocabulary of a few words; anything else is [UNK]."""
    vocabulary = {word: rank for rank, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split()])}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 a token of text, no password
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


@pytest.fixture(scope="session")
def encoder_folder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pretrained encoder as Hugging Face would save it: 2 layers, 16 wide."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    sizes = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=256,
    )
    BertModel(sizes).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
