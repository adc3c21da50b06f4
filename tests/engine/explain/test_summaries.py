"""What a newest cell got is shared among the cells of its variable, and none of it is lost."""

from __future__ import annotations

import numpy as np
import torch

from engine.case import Course
from engine.explain.summaries import share_among_cells
from engine.models.course import CourseTransformer, CourseTransformerConfig
from engine.models.output import ModelInput
from engine.preprocess.course import prepare_course
from tests.engine.courses import random_course


def _network() -> CourseTransformer:
    torch.manual_seed(0)
    return CourseTransformer(CourseTransformerConfig(width=24, heads=4, members=2)).eval().requires_grad_(False)


def test_relevance_stays_within_its_variable_and_keeps_its_sum() -> None:
    inputs, geometry, _ = prepare_course(random_course(80))
    hidden = _network().embed(inputs)
    relevance = torch.randn(2, 1, hidden.shape[1]) * hidden.ne(0).any(-1)  # (2, 1, T): on newest cells alone
    shared = share_among_cells(_network(), inputs, relevance)
    for kind in np.unique(geometry.kinds):
        own = torch.from_numpy(geometry.kinds == kind)
        torch.testing.assert_close(shared[..., own].sum(-1), relevance[..., own].sum(-1))
    assert (shared.ne(0).sum(-1) == inputs.presence.sum()).all()


def test_absent_cells_get_nothing_and_a_value_that_stands_out_gets_more() -> None:
    values = np.array([0.1, 0.1, 0.9, 0.1, 0.2])
    course = Course(np.arange(5.0), ("HR",) * 5, values, "d")
    inputs, _, _ = prepare_course(course)
    presence = torch.tensor([[False, True, True, True, True]])
    relevance = torch.tensor([[0.0, 0.0, 0.0, 0.0, 1.0]])
    shared = share_among_cells(_network(), ModelInput(inputs.values, presence), relevance)[0]
    assert shared[0] == 0
    assert shared[2] > shared[1]
    assert shared.sum() == torch.tensor(1.0)
