"""One call for all methods and all families: a batch of tokens in, one value for each token out.

Values are in multiples of an average token, so that one fixed colour scale serves all cases of a method.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from engine.explain.learned import learned_values
from engine.explain.occlusion import occlusion
from engine.explain.passes import Passes, Scores
from engine.explain.removal import Players, answers
from engine.explain.rise import MASKS, rise
from engine.explain.shapley import PAIRS, shapley_values
from engine.models.output import ROWS_AT_ONCE, ModelInput, TokenNetwork
from engine.results import Method

_MOST_ANSWERS = 4096  # windows that the masks of one map are asked about, in all
_FEWEST_MASKS = 16


def token_maps(
    network: TokenNetwork,
    inputs: ModelInput,
    method: Method,
    *,
    label: int = 0,
    rather_than: int | None = None,
    layer: int | None = None,
    head: int | None = None,
    one_case: bool = False,
    players: Players | None = None,
) -> Tensor:
    """Maps over tokens for one method.

    Parameters
    ----------
    network : TokenNetwork
        Neither its parameters nor its hooks are touched, so that threads may share it.
    inputs : ModelInput
        B rows of T tokens.
    label : int
        Which logit is explained, by a method that depends on the label.
    rather_than : int or None
        Explain the difference to this logit instead: why the one and not the other.
    layer, head : int or None
        Which attention, for `Method.ATTENTION`; None is the last layer, and the mean over heads.
    one_case : bool
        True: the rows are windows of one case, explained and scaled together. False: every row is a case of its own.
    players : Players or None
        What a method by removal takes away as one; None is each present token on its own.

    Returns
    -------
    Tensor
        ``(B, T)`` float32: 0 where a token is absent, absolute values 1 on average over the present tokens of a case;
        at least 0 unless the method is signed.
    """
    scores_of = _scores_of(inputs, one_case, label, rather_than)
    if method.learned:
        values = _learned(network, inputs)  # (L, B, T)
        raw = values[label] if rather_than is None else values[label] - values[rather_than]  # (B, T)
    elif not method.by_removal:
        rows = _rows(inputs, ROWS_AT_ONCE)
        raw = torch.cat([Passes(network, row, scores_of, layer=layer, head=head).maps(method)[0] for row in rows])
    elif one_case:
        raw = _map_by_removal(network, inputs, method, scores_of, players)  # (B, T)
    else:
        rows = _rows(inputs, 1)
        raw = torch.cat([_map_by_removal(network, row, method, scores_of, None) for row in rows])  # (B, T)
    return _scaled(raw, inputs.presence, one_case)


def all_label_maps(network: TokenNetwork, inputs: ModelInput, method: Method, *, one_case: bool = False) -> Tensor:
    """Maps for all labels at once, by one batched backward pass.

    Parameters
    ----------
    method : Method
        One that depends on the label and asks for two passes: not `Method.by_removal`.

    Returns
    -------
    Tensor
        ``(L, B, T)`` float32, each label as of `token_maps`.
    """
    if method.learned:
        raw = _learned(network, inputs)  # (L, B, T)
    else:
        scores_of = _scores_of_all(inputs, one_case)
        raw = torch.cat([Passes(network, row, scores_of).maps(method) for row in _rows(inputs, 1)], dim=1)  # (L, B, T)
    return _scaled(raw, inputs.presence, one_case)


def pair_maps(network: TokenNetwork, inputs: ModelInput, method: Method, labels: tuple[int, int]) -> Tensor:
    """Maps of one case for two of its labels, in one unit, so that they can be held against each other.

    Parameters
    ----------
    method : Method
        As for `all_label_maps`.

    Returns
    -------
    Tensor
        ``(2, B, T)`` float32: absolute values 1 on average over the present tokens of both maps together.
    """
    if method.learned:
        raw = _learned(network, inputs)[list(labels)]  # (2, B, T)
    else:
        scores_of = _scores_of_all(inputs, one_case=True)
        rows = _rows(inputs, ROWS_AT_ONCE)
        both = [Passes(network, row, lambda logits: scores_of(logits)[list(labels)]).maps(method) for row in rows]
        raw = torch.cat(both, dim=1)  # (2, B, T)
    present = inputs.presence.to(raw.device)  # (B, T)
    raw = raw.detach().float().masked_fill(~present, 0.0)  # (2, B, T)
    return raw * (2 * present.sum()) / raw.abs().sum().clamp(min=torch.finfo(raw.dtype).tiny)  # (2, B, T)


def ladder_maps(
    network: TokenNetwork, inputs: ModelInput, methods: Iterable[Method], *, label: int = 0, one_case: bool = False
) -> dict[Method, Tensor]:
    """Maps of several methods that share their passes, for less than each alone.

    Parameters
    ----------
    methods : iterable of Method
        Neither by removal nor learned.

    Returns
    -------
    dict of Method to Tensor
        Each ``(B, T)`` as of `token_maps`.
    """
    scores_of = _scores_of(inputs, one_case, label)
    found: dict[Method, list[Tensor]] = {method: [] for method in methods}
    for row in _rows(inputs, ROWS_AT_ONCE):
        passes = Passes(network, row, scores_of)
        for method, maps in found.items():
            maps.append(passes.maps(method)[0])  # (b, T)
    return {method: _scaled(torch.cat(maps), inputs.presence, one_case) for method, maps in found.items()}


def _scores_of_all(inputs: ModelInput, one_case: bool) -> Scores:
    """Logits of some rows to what they add to the case's logits ``(L,)``: their mean over all its windows."""
    windows = len(inputs.presence) if one_case else 1
    return lambda logits: logits.float().sum(dim=0) / windows


def _scores_of(inputs: ModelInput, one_case: bool, label: int, rather_than: int | None = None) -> Scores:
    """Logits of some rows to what they add to one score of the case, ``(1,)``."""
    every_label = _scores_of_all(inputs, one_case)

    def scores_of(logits: Tensor) -> Tensor:
        case = every_label(logits)  # (L,)
        score = case[label] if rather_than is None else case[label] - case[rather_than]  # ()
        return score[None]  # (1,)

    return scores_of


def _rows(inputs: ModelInput, at_once: int) -> list[ModelInput]:
    """Some rows at a time: a score is a sum over rows, so each has a graph of its own."""
    ranks = torch.arange(len(inputs.presence), device=inputs.presence.device)  # (B,)
    return [inputs.select(ranks[start : start + at_once]) for start in range(0, len(ranks), at_once)]


def _learned(network: TokenNetwork, inputs: ModelInput) -> Tensor:
    """What a learned explainer says of each row, ``(L, B, T)``: it reads them one by one."""
    return torch.cat([learned_values(network, rows) for rows in _rows(inputs, ROWS_AT_ONCE)], dim=1)


def _map_by_removal(
    network: TokenNetwork, inputs: ModelInput, method: Method, scores_of: Scores, players: Players | None
) -> Tensor:
    """Raw map ``(W, T)`` of a method that asks what the windows of one case answer without some of their tokens."""
    image = inputs.values.dim() == 4
    players = players or (Players.of_patches if image else Players.of_tokens)(inputs.presence)

    def ask(kept: Tensor) -> Tensor:
        logits = answers(network, inputs, players.presence(kept, inputs.presence))  # (M, W, L)
        return torch.cat([scores_of(windows) for windows in logits])  # (M,)

    windows = len(inputs.presence)  # a long note is asked fewer questions, for each costs more
    match method:
        case Method.OCCLUSION:
            value = occlusion(ask, players)  # (U,)
        case Method.RISE:
            masks = min(max(MASKS // 4, MASKS // windows), max(_FEWEST_MASKS, _MOST_ANSWERS // windows))
            value = rise(ask, players, masks=masks)  # (U,)
        case _:
            value = shapley_values(ask, players, pairs=max(1, PAIRS // windows))  # (U,)
    return players.spread(value)  # (W, T)


def _scaled(raw: Tensor, presence: Tensor, one_case: bool) -> Tensor:
    """Scale maps ``(..., B, T)`` to absolute values of 1 on average over the present tokens of a case."""
    present = presence.to(raw.device)  # (B, T)
    raw = raw.detach().float().masked_fill(~present, 0.0)  # (..., B, T)
    if one_case:
        total, count = raw.abs().sum(dim=(-2, -1), keepdim=True), present.sum()  # (..., 1, 1), ()
    else:
        total, count = raw.abs().sum(dim=-1, keepdim=True), present.sum(dim=1, keepdim=True)  # (..., B, 1), (B, 1)
    return raw * count / total.clamp(min=torch.finfo(raw.dtype).tiny)  # (..., B, T)
