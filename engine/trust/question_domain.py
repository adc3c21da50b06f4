"""Whether a text is in words that a model knows: one that it can only spell letter by letter was never learnt."""

from __future__ import annotations

from tokenizers import Tokenizer

from engine.words import mark, recorded

SPELT = 0.5  # pieces a letter above which a word is spelt rather than read: "pneumothorax" has 6 pieces in 12 letters
LEAST_KNOWN = 0.6  # share of the words of a text
UNKNOWN = "[UNK]"


def word_reasons(
    text: str, tokenizer: Tokenizer, *, kind: str = mark("question"), least: float = LEAST_KNOWN
) -> list[str]:
    """What in a text's words puts it outside; empty where nothing does.

    Parameters
    ----------
    kind : str
        What the text is, in the reader's words.
    least : float
        Share of the words that must be read rather than spelt.
    """
    encoding = tokenizer.encode(text, add_special_tokens=False)
    tokens: dict[int | None, list[str]] = {}
    for word, token in zip(encoding.word_ids, encoding.tokens, strict=True):
        tokens.setdefault(word, []).append(token.removeprefix("##"))
    words = [parts for parts in tokens.values() if parts == [UNKNOWN] or "".join(parts).isalnum()]
    if not words:
        return [recorded("There are no words in the {kind}.", kind=kind)]
    read = [parts for parts in words if _is_read(parts)]
    if len(read) / len(words) < least:
        few = mark("The model knows {known} of the {kind}'s {n} words: it was taught in English.")
        return [recorded(few, known=len(read), kind=kind, n=len(words))]
    return []


def _is_read(parts: list[str]) -> bool:
    """Whether a word's pieces are more than its letters one by one."""
    return UNKNOWN not in parts and (len(parts) == 1 or len(parts) <= SPELT * len("".join(parts)))
