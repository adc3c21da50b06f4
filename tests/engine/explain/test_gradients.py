"""Gradients of several scores at once are those of each alone."""

from __future__ import annotations

import torch

from engine.explain.gradients import Slopes, gradients


def test_several_scores_at_once_are_each_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    one = torch.randn(2, 3, generator=generator, requires_grad=True)
    other = torch.randn(3, generator=generator, requires_grad=True)
    scores = (one.tanh() @ torch.diag(other)).sum(dim=0)  # (3,)
    alone = [torch.autograd.grad(score, (one, other), retain_graph=True) for score in scores]
    by_one, by_other = gradients(scores, (one, other))
    for rank in range(3):
        torch.testing.assert_close(by_one[rank], alone[rank][0])
        torch.testing.assert_close(by_other[rank], alone[rank][1])
    assert one.grad is None
    assert other.grad is None


def test_what_no_score_depends_on_has_a_gradient_of_zeros() -> None:
    used = torch.ones(2, requires_grad=True)
    unused = torch.ones(4, requires_grad=True)
    for count in (1, 2):
        by_used, by_unused = gradients(used[:count] * 3, (used, unused))
        assert by_used.sum() == 3 * count
        assert torch.equal(by_unused, torch.zeros(count, 4))


def test_slopes_named_together_are_made_in_one_backward_pass() -> None:
    first = torch.ones(2, requires_grad=True)
    second = first.exp()
    slopes = Slopes(second.sum()[None], together=[first])
    (by_second,) = slopes.by([second])
    assert slopes.by([first])[0] is slopes.by([first])[0]
    torch.testing.assert_close(by_second, torch.ones(1, 2))
    torch.testing.assert_close(slopes.by([first])[0], second.detach()[None])
    assert len(slopes) == 1
