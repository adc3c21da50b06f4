"""A smaller vocabulary for a text encoder: the word pieces that its texts use, and the letters that spell the rest.

Half of a small encoder's weights are embeddings of pieces that clinical texts never use; a word whose piece goes is
spelt by shorter ones, which the encoder knows too. Word pieces: Wu et al., 2016 (arXiv 1609.08144).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.models.text import TextTransformer

_CONTINUES = "##"


def prune(tokenizer: Tokenizer, texts: Iterable[str], *, size: int) -> tuple[Tokenizer, Tensor]:
    """Keep the pieces that some texts use most, all single letters and signs, and the special tokens.

    Parameters
    ----------
    tokenizer : Tokenizer
        Word pieces numbered from 0 without a gap.
    size : int
        How many pieces are kept, and more only where letters and special tokens need it.

    Returns
    -------
    tuple of Tokenizer and Tensor
        The same tokenizer with fewer pieces, and for each the number that it had, ``(size,)`` int64.
    """
    pieces = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    kept = _kept(pieces, tokenizer, texts, size)
    described = json.loads(tokenizer.to_str())
    numbers = {piece: rank for rank, piece in enumerate(kept)}
    described["model"]["vocab"] = numbers
    described["added_tokens"] = [token | {"id": numbers[token["content"]]} for token in described["added_tokens"]]
    for token in (described.get("post_processor") or {}).get("special_tokens", {}).values():
        token["ids"] = [numbers[name] for name in token["tokens"]]
    return Tokenizer.from_str(json.dumps(described)), torch.tensor([tokenizer.token_to_id(piece) for piece in kept])


def prune_vocabulary(
    network: TextTransformer, tokenizer: Tokenizer, texts: Iterable[str], *, size: int
) -> tuple[TextTransformer, Tokenizer]:
    """Prune the tokenizer of a network, and its embeddings with it.

    Parameters
    ----------
    size : int
        Pieces to keep; the vocabulary as it is where it has no more.

    Returns
    -------
    tuple of TextTransformer and Tokenizer
        Another network, whose other weights are those of `network`, and a tokenizer that numbers the pieces anew.
    """
    if size >= tokenizer.get_vocab_size():
        return network, tokenizer
    pruned, rows = prune(tokenizer, texts, size=size)
    smaller = TextTransformer(replace(network.config, vocab_size=len(rows)))
    weights = network.state_dict()
    name = "embeddings.word_embeddings.weight"
    smaller.load_state_dict({**weights, name: weights[name][rows]})
    return smaller.eval(), pruned


def _kept(pieces: Sequence[str], tokenizer: Tokenizer, texts: Iterable[str], size: int) -> list[str]:
    """The pieces to keep, in the order of their old numbers."""
    used: Counter[str] = Counter()
    for text in texts:
        used.update(tokenizer.encode(text, add_special_tokens=False).tokens)
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    letters = {piece for piece in pieces if len(piece.removeprefix(_CONTINUES)) == 1 and piece.isascii()}
    kept = special | letters
    # Those that were never used come last, the old order (by frequency in the encoder's own corpus) decides.
    ranked = sorted((piece for piece in pieces if piece not in kept), key=lambda piece: -used[piece])
    kept |= set(ranked[: max(0, size - len(kept))])
    return [piece for piece in pieces if piece in kept]
