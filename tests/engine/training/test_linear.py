"""The linear model tells plain things apart."""

from __future__ import annotations

import numpy as np

from engine.training.linear import linear_logits


def test_words_are_weighed() -> None:
    training = ["fracture of the knee", "knee fracture left", "skin rash red", "rash of the skin"] * 3
    truth = np.array([[True, False], [True, False], [False, True], [False, True]] * 3)
    logits = linear_logits(training, truth, ["the knee", "a rash"])
    assert ((logits > 0) == np.eye(2, dtype=bool)).all()


def test_a_label_that_nobody_has_gets_its_odds() -> None:
    truth = np.array([[True, False], [True, False], [False, False]])
    logits = linear_logits(["left knee", "knee", "skin"], truth, ["knee", "skin"])
    assert logits[:, 1].tolist() == [np.log(1 / 4)] * 2
    assert logits[0, 0] > logits[1, 0]
