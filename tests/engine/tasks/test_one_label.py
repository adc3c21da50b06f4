"""What is fitted where labels exclude one another: views of a case are no further cases."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tasks.one_label import COVERAGE, Labelled, fit_trust
from engine.tasks.task import Example
from engine.trust.calibration import calibrate
from engine.trust.conformal import fit_conformal

CASES, VIEWS = 60, 5


@pytest.mark.parametrize("chosen", [slice(None), np.arange(40)])
def test_conformal_limits_are_of_cases_and_not_of_their_views(chosen: slice | np.ndarray) -> None:
    """All views of each film counted as films of their own."""
    generator = np.random.default_rng(0)
    truth = np.eye(3, dtype=bool)[np.arange(CASES) % 3]  # (N, L)
    logits = 2 * truth + generator.normal(size=(VIEWS, CASES, 3))  # (V, N, L)
    examples = tuple(Example(str(case), str(case), ()) for case in range(CASES))
    trust = fit_trust(logits, Labelled(examples, truth, ("a", "b", "c")), chosen)
    plain = calibrate(logits[0, chosen], trust, multi_label=False)  # (C, L)
    assert (trust.rule_out, trust.rule_in) == fit_conformal(plain, truth[chosen], coverage=COVERAGE)
    alone = fit_trust(logits[:1], Labelled(examples, truth, ("a", "b", "c")), chosen)
    assert trust.temperatures != alone.temperatures  # all views tell how sure it may be
