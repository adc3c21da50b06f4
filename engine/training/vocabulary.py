"""A smaller vocabulary for a text encoder: the word pieces that its notes use, and the letters that spell the rest.

Half of a small encoder's weights are embeddings of pieces that clinical notes never use; a word whose piece goes is
spelt by shorter ones, which the encoder knows too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from tokenizers import Tokenizer

from engine.models.text import TextTransformer

_CONTINUES = "##"


def prune_vocabulary(
    network: TextTransformer, tokenizer: Tokenizer, texts: Iterable[str], *, size: int
) -> tuple[TextTransformer, Tokenizer]:
    """Keep the pieces that some texts use most, all single letters, and the special tokens.

    Parameters
    ----------
    size : int
        Pieces to keep; the vocabulary as it is where it has no more.

    Returns
    -------
    tuple of TextTransformer and Tokenizer
        Another network, whose other weights are those of `network`, and a tokenizer that numbers the pieces anew.
    """
    pieces = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    if size >= len(pieces):
        return network, tokenizer
    kept = _kept(pieces, tokenizer, texts, size)
    described = json.loads(tokenizer.to_str())
    numbers = {piece: rank for rank, piece in enumerate(kept)}
    described["model"]["vocab"] = numbers
    described["added_tokens"] = [token | {"id": numbers[token["content"]]} for token in described["added_tokens"]]
    for token in (described.get("post_processor") or {}).get("special_tokens", {}).values():
        token["ids"] = [numbers[name] for name in token["tokens"]]
    smaller = TextTransformer(replace(network.config, vocab_size=len(kept)))
    weights = network.state_dict()
    name = "embeddings.word_embeddings.weight"
    rows = torch.tensor([tokenizer.token_to_id(piece) for piece in kept])  # (size,)
    smaller.load_state_dict({**weights, name: weights[name][rows]})
    return smaller.eval(), Tokenizer.from_str(json.dumps(described))


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
