"""Whether a text is one that the reader of abstracts was made for: running English, told by its commonest words.

Function words are a third of English (0.24 to 0.57 of the words of every abstract in the training set) and all but
absent from lists and other languages; scikit-learn's list of them is used.
"""

from __future__ import annotations

import re

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from engine.words import recorded

FEWEST_WORDS = 8  # under which a text is a question or key words, and says too little of its language
LEAST_SHARE = 0.12  # of function words

_WORD = re.compile(r"[^\W\d_]+")


def text_reasons(text: str) -> list[str]:
    """What puts a text outside; empty where nothing does.

    Examples
    --------
    >>> text_reasons("Milk, eggs, bread, potatoes, washing powder, bananas, paper, cheese")
    ['It is not running English text: a list, or another language.']
    >>> text_reasons("Does aspirin prevent stroke?")
    []
    """
    words = _WORD.findall(text.casefold())
    if len(words) < FEWEST_WORDS or sum(word in ENGLISH_STOP_WORDS for word in words) >= LEAST_SHARE * len(words):
        return []
    return [recorded("It is not running English text: a list, or another language.")]
