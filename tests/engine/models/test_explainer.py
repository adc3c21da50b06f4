from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.errors import CheckpointError
from engine.models.explainer import EXPLAINER_FILE, ShapleyHead, centred, load_explainer, save_explainer
from engine.models.output import ModelOutput


def _head() -> ShapleyHead:
    torch.manual_seed(0)
    head = ShapleyHead(width=8, labels=3, hidden=5)
    nn.init.normal_(head.outer.weight)
    head.nothing.copy_(torch.tensor([0.2, 0.5, 0.3]))
    return head.requires_grad_(False)


def test_values_share_out_what_the_whole_case_adds_to_nothing() -> None:
    output = ModelOutput(torch.randn(2, 3), (), torch.ones(2, 6) / 6, torch.zeros(2, 8), (torch.randn(2, 6, 8),))
    presence = torch.tensor([[True] * 6, [True, False, True, True, False, False]])
    head = _head()
    values = head.explain(output, presence)
    torch.testing.assert_close(values.sum(dim=1), output.logits.softmax(dim=1) - head.nothing)
    assert (values[~presence] == 0).all()
    assert values[presence].std() > 0.1


def test_centred_values_have_a_mean_of_zero_over_what_is_present() -> None:
    found = centred(torch.tensor([[[1.0], [3.0], [100.0]]]), torch.tensor([[True, True, False]]))
    assert found.flatten().tolist() == [-1.0, 1.0, 0.0]


def test_values_share_out_each_label_by_itself_where_labels_are_independent() -> None:
    output = ModelOutput(torch.randn(1, 3), (), torch.ones(1, 6) / 6, torch.zeros(1, 8), (torch.randn(1, 6, 8),))
    head = _head()
    head.independent = True
    values = head.explain(output, torch.ones(1, 6, dtype=torch.bool))
    torch.testing.assert_close(values.sum(dim=1), output.logits.sigmoid() - head.nothing)


@pytest.mark.parametrize("independent", [False, True])
def test_a_head_survives_its_file(tmp_path: Path, independent: bool) -> None:
    head = _head()
    head.independent = independent
    save_explainer(head, tmp_path)
    tokens = torch.randn(1, 4, 8)
    found = load_explainer(tmp_path)
    assert torch.equal(found(tokens), head(tokens))
    assert found.independent is independent


def test_another_file_is_refused(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, tmp_path / EXPLAINER_FILE)
    with pytest.raises(CheckpointError, match="learned explainer"):
        load_explainer(tmp_path)
