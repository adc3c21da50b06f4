"""Starting a network from another one's weights (transfer learning)."""

from __future__ import annotations

import logging

from torch import nn

from engine.errors import TrainingError

logger = logging.getLogger(__name__)


def take_over(network: nn.Module, source: nn.Module) -> None:
    """Copy every weight of `source` that has its name and shape in `network`; the others keep their first values.

    Raises
    ------
    TrainingError
        Nothing fits: the source is another kind of network.
    """
    own = network.state_dict()
    fitting = {
        name: value for name, value in source.state_dict().items() if name in own and own[name].shape == value.shape
    }
    if not fitting:
        raise TrainingError("No weight of the starting model fits.", "Start from a model of the same family and sizes.")
    network.load_state_dict({**own, **fitting})
    logger.info("%d of %d weights taken over", len(fitting), len(own))
