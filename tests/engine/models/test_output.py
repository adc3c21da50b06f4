"""A long batch is answered a few rows at a time, with the same answers and without its attention."""

from __future__ import annotations

import torch

from engine.models.output import ROWS_AT_ONCE, ModelInput, answer_in_turns
from engine.models.text import TextTransformer, TextTransformerConfig


def test_rows_in_turns_answer_as_they_do_together() -> None:
    torch.manual_seed(0)
    sizes = TextTransformerConfig(
        3, vocab_size=50, hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    network = TextTransformer(sizes).eval()
    rows = 2 * ROWS_AT_ONCE + 1
    asked: list[int] = []

    def counted(inputs: ModelInput) -> object:
        asked.append(len(inputs.presence))
        return network(inputs)

    inputs = ModelInput(torch.randint(50, (rows, 9)), torch.rand(rows, 9) < 0.8)
    with torch.inference_mode():
        together, found = network(inputs), answer_in_turns(counted, inputs)  # type: ignore[arg-type]
    assert asked == [ROWS_AT_ONCE, ROWS_AT_ONCE, 1]
    for name in ("logits", "readout", "embedding"):
        torch.testing.assert_close(getattr(found, name), getattr(together, name))
    torch.testing.assert_close(found.hidden[-1], together.hidden[-1])
    assert found.attentions == ()
    few = inputs.select(torch.arange(2))
    assert len(answer_in_turns(network, few).attentions) == 2
