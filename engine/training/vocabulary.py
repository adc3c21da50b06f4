"""A smaller vocabulary for a text encoder: pieces that occur, common words, and every letter to spell others.

Word pieces: Wu et al., 2016 (arXiv 1609.08144). BERT numbers its pieces by frequency, the commonest first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import torch
from tokenizers import Tokenizer
from torch import Tensor

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def prune(tokenizer: Tokenizer, texts: Iterable[str], *, size: int) -> tuple[Tokenizer, Tensor]:
    """Keep the pieces of some texts, all single letters and signs, and the commonest others.

    Parameters
    ----------
    tokenizer : Tokenizer
        Word pieces numbered from 0 without a gap.
    size : int
        How many pieces are kept, at least as many as the texts and the letters need.

    Returns
    -------
    tuple of Tokenizer and Tensor
        The same tokenizer with fewer pieces, and for each the number that it had, ``(size,)`` int64.
    """
    described = json.loads(tokenizer.to_str())
    known: dict[str, int] = described["model"]["vocab"]
    needed = {piece for text in texts for piece in tokenizer.encode(text, add_special_tokens=False).tokens}
    needed |= set(_SPECIAL) | {piece for piece in known if len(piece.removeprefix("##")) == 1 and piece.isascii()}
    common = (piece for piece in sorted(known, key=known.__getitem__) if piece.isascii() and piece.isalpha())
    kept = [piece for piece in known if piece in needed]
    kept += [piece for piece in common if piece not in needed][: max(0, size - len(kept))]
    kept.sort(key=known.__getitem__)  # the padding stays number 0
    described["model"]["vocab"] = {piece: rank for rank, piece in enumerate(kept)}
    ranks = described["model"]["vocab"]
    for added in described["added_tokens"]:
        added["id"] = ranks[added["content"]]
    for special in (described["post_processor"] or {}).get("special_tokens", {}).values():
        special["ids"] = [ranks[piece] for piece in special["tokens"]]
    pruned: Tokenizer = Tokenizer.from_str(json.dumps(described))
    return pruned, torch.tensor([known[piece] for piece in kept])
