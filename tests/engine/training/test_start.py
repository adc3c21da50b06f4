import pytest
import torch
from torch import nn

from engine.errors import TrainingError
from engine.training.start import take_over


def test_weights_that_fit_are_taken_over_and_the_new_head_keeps_its_own() -> None:
    old, new = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3)), nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 5))
    head = new[1].weight.clone()
    take_over(new, old)
    assert torch.equal(new[0].weight, old[0].weight)
    assert torch.equal(new[1].weight, head)


def test_another_kind_of_network_is_refused() -> None:
    with pytest.raises(TrainingError, match="No weight"):
        take_over(nn.Linear(4, 8), nn.Conv1d(3, 3, 3))
