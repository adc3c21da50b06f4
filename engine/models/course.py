"""The course family: a Transformer over observations at irregular hours, which says a risk at any hour from the past.

Observations as a set of (time, variable, value): Horn et al., Set Functions for Time Series, ICML 2020. A linear map of
its own for every variable: Gorishniy et al., Revisiting Deep Learning Models for Tabular Data, NeurIPS 2021. Several
members whose spread is the uncertainty: Lakshminarayanan et al., Deep Ensembles, NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.cells import FEATURES, describe_cells, newest
from engine.models.output import ModelInput, ModelOutput, begin_graph
from engine.models.pack import pack_present, read_tokens
from engine.models.softmax import attention_softmax

_ROWS = 8  # hours read in one forward pass: more gain nothing on a CPU and cost memory


@dataclass(frozen=True, kw_only=True)
class CourseTransformerConfig:
    """The sizes of a `CourseTransformer`.

    Parameters
    ----------
    kinds, hours : int
        Kinds of token (0 is none), and hours from the beginning on that are read.
    width, heads : int
        Of all members together.
    members : int
        Transformers side by side that share nothing but their input.
    knots : int
        Points of each variable's distribution by which its values are put on one scale.
    dropout : float
        Share of the residual branches' outputs dropped in training, in [0, 1).
    """

    labels: int = 1
    kinds: int = 46
    hours: int = 48
    width: int = 320
    layers: int = 1
    heads: int = 20
    members: int = 5
    knots: int = 33
    dropout: float = 0.3
    model_type: str = "course-transformer"


class MemberLayer(nn.Module):
    """One layer of one member in two steps around its attention, normalised first (Xiong et al., ICML 2020).

    The attention of all members lies together in `ModelOutput`, and what they mix is taken from there, so that the
    gradient of an answer reaches it.

    Parameters
    ----------
    width, heads : int
        Of this member.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mixed = nn.Linear(width, width)
        self.wider, self.narrower = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def attend(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Weights ``(B, h, T, T)`` and values ``(B, h, T, d / h)`` for tokens ``(B, T, d)``."""
        normal = self.before(tokens)  # (B, T, d)
        query, key, value = (
            part(normal).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )  # (B, h, T, d / h) each
        scores = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5 + mask  # (B, h, T, T)
        return attention_softmax(scores), value

    def finish(self, tokens: Tensor, weights: Tensor, value: Tensor) -> Tensor:
        """Mix the values by the weights, and pass the tokens on, ``(B, T, d)``."""
        tokens = tokens + self.dropout(self.mixed((weights @ value).transpose(1, 2).flatten(2)))  # (B, T, d)
        widened: Tensor = self.narrower(F.gelu(self.wider(self.after(tokens))))  # (B, T, d)
        passed: Tensor = tokens + self.dropout(widened)  # (B, T, d)
        return passed


class CourseTransformer(nn.Module):
    """Cells of a course (variable, hour, value) in, one logit out: members of equal sizes, of which the mean answers.

    Of each variable the newest cell is read: it is told what the variable did up to then, from all cells that are
    present, and how long ago that is. A risk at an hour is the answer for the cells before it: nothing later is in the
    input at all. Attention therefore lies on newest cells; `engine.explain.summaries` leads it back to older ones.

    Parameters
    ----------
    config : CourseTransformerConfig
        The sizes.

    Notes
    -----
    Two buffers put every variable on one scale: `knots` ``(V, K)``, ascending quantiles of its values, and `scores`
    ``(K,)``, what they become. The members were each trained without a part of the stays: how far they differ is what
    more or other training data might change, not all that may be wrong.
    """

    knots: Tensor
    scores: Tensor

    def __init__(self, config: CourseTransformerConfig) -> None:
        super().__init__()
        self.config = config
        members, width = config.members, config.width // config.members
        self.weights = nn.Parameter(torch.randn(config.kinds, FEATURES, config.width) * (1.5 / FEATURES) ** 0.5 / 4)
        self.biases = nn.Parameter(0.3 * torch.randn(config.kinds, config.width))
        self.layers = nn.ModuleList(
            nn.ModuleList(MemberLayer(width, config.heads // members, config.dropout) for _ in range(members))
            for _ in range(config.layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(members))
        self.keys = nn.ModuleList(nn.Linear(width, 1) for _ in range(members))
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, config.labels)
        nn.init.zeros_(self.head.weight)
        self.register_buffer("knots", torch.linspace(-1, 1, config.knots).expand(config.kinds, -1).clone())
        self.register_buffer("scores", torch.linspace(-1, 1, config.knots))

    def forward(self, inputs: ModelInput) -> ModelOutput:
        """Answer for a batch.

        Parameters
        ----------
        inputs : ModelInput
            Values ``(B, T, 4)``: kind, hour, value and hour of reading of each token, as of
            `engine.preprocess.course.prepare_course`; no two present tokens of a row share kind and hour.
        """
        return self.encode(begin_graph(self.embed(inputs)), inputs.presence)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer, from present tokens alone.

        The newest cell of each variable is told of all before it and is read; the others, and absent ones, are 0.
        """
        return self.summarise(inputs, self.scaled(inputs.values[..., 0].long(), inputs.values[..., 2]))

    def summarise(self, inputs: ModelInput, scaled: Tensor) -> Tensor:
        """The tokens ``(B, T, D)`` of `embed`, from values ``(B, T)`` that are on the common scale already."""
        kinds = inputs.values[..., 0].long()  # (B, T)
        told = describe_cells(inputs, scaled, hours=self.config.hours, kinds=self.config.kinds)  # (B, T, F)
        read = newest(inputs.values, inputs.presence)  # (B, T)
        return self.tokens(told, torch.where(read, kinds, 0))  # (B, T, D)

    def tokens(self, told: Tensor, kinds: Tensor) -> Tensor:
        """Map what is told of cells, ``(B, T, F)``, to tokens ``(B, T, D)``: a map for each kind ``(B, T)``, 0 to 0."""
        made = told.new_zeros(*kinds.shape, self.config.width)  # (B, T, D)
        for kind in sorted(set(kinds.flatten().tolist())):
            if kind:
                where = kinds == kind  # (B, T)
                mapped = torch.addmm(self.biases[kind], told[where], self.weights[kind])  # (N, D), half under autocast
                made[where] = mapped.to(made.dtype)
        return made

    def scaled(self, kinds: Tensor, values: Tensor) -> Tensor:
        """Put values ``(B, T)`` on one scale: between the scores of their neighbours among the variable's knots."""
        knots = self.knots[kinds]  # (B, T, K)
        below = (knots < values[..., None]).sum(dim=-1)  # (B, T)
        up_to = (knots <= values[..., None]).sum(dim=-1)  # (B, T): another where several knots are equal
        return (self._between(knots, values, below) + self._between(knots, values, up_to)) / 2  # (B, T)

    def _between(self, knots: Tensor, values: Tensor, rank: Tensor) -> Tensor:
        """Interpolate the scores of values ``(B, T)`` that lie before the knot of a rank ``(B, T)``."""
        right = rank.clamp(1, self.config.knots - 1)  # (B, T)
        low, high = (knots.gather(-1, at[..., None])[..., 0] for at in (right - 1, right))  # (B, T) each
        share = ((values - low) / (high - low).clamp(min=1e-9)).clamp(0, 1)  # (B, T)
        share = torch.where(high > low, share, (rank > right - 1).to(share.dtype))  # (B, T)
        return torch.lerp(self.scores[right - 1], self.scores[right], share)  # (B, T)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool, or 0 and so not read."""
        absent = ~read_tokens(hidden, presence)[:, None, None, :]  # (B, 1, 1, T)
        mask = absent * torch.finfo(hidden.dtype).min  # (B, 1, 1, T) added to the scores of absent keys
        attentions, entering = [], [hidden]
        for layer in cast(Iterable[nn.ModuleList], self.layers):
            parts = hidden.chunk(self.config.members, dim=-1)  # M of (B, T, D / M)
            members = [cast(MemberLayer, member) for member in layer]  # M
            gathered = [member.attend(part, mask) for member, part in zip(members, parts, strict=True)]
            attention = torch.cat([weights for weights, _ in gathered], dim=1)  # (B, H, T, T)
            shares = attention.chunk(self.config.members, dim=1)  # M of (B, H / M, T, T)
            hidden = torch.cat(
                [
                    member.finish(part, share, value)
                    for member, part, share, (_, value) in zip(members, parts, shares, gathered, strict=True)
                ],
                dim=-1,
            )  # (B, T, D)
            attentions.append(attention)
            entering.append(hidden)
        read, readouts = [], []
        for norm, key, part in zip(self.norms, self.keys, hidden.chunk(self.config.members, dim=-1), strict=True):
            tokens = norm(part)  # (B, T, D / M)
            readout = attention_softmax(key(tokens)[..., 0] + mask[:, 0, 0])  # (B, T)
            read.append(torch.einsum("bt,btd->bd", readout, tokens))  # (B, D / M)
            readouts.append(readout.detach())
        embedding = torch.cat(read, dim=-1)  # (B, D)
        average = torch.stack(readouts).mean(dim=0)  # (B, T): every member has its own
        return ModelOutput(self.head(self.dropout(embedding)), tuple(attentions), average, embedding, tuple(entering))

    def votes(self, embedding: Tensor) -> Tensor:
        """The members' own logits of the first label ``(B, M)`` for embeddings ``(B, D)``; their mean is the answer."""
        weighted = self.dropout(embedding) * self.head.weight[0]  # (B, D)
        members = weighted.view(len(weighted), self.config.members, -1).sum(dim=-1)  # (B, M)
        votes: Tensor = self.config.members * members + self.head.bias[0]  # (B, M)
        return votes

    def trajectory(self, inputs: ModelInput, hours: Sequence[int]) -> Tensor:
        """Read one course at several hours, each time only what was observed before.

        Parameters
        ----------
        inputs : ModelInput
            One row ``(1, T, 4)``.
        hours : sequence of int
            Hours of reading, from 1.

        Returns
        -------
        Tensor
            ``(len(hours), M)``: the logit of each member, equal to what it answers for the course cut at that hour.
        """
        found = []
        for start in range(0, len(hours), _ROWS):
            at = torch.tensor(hours[start : start + _ROWS], device=inputs.values.device)[:, None]  # (h, 1)
            past = read_at(inputs, at)  # (h, T)
            hidden = self.embed(past)  # (h, T, D)
            packed = pack_present(hidden, read_tokens(hidden, past.presence))  # (h, K, D), (h, K)
            found.append(self.votes(self.encode(*packed).embedding))  # (h, M)
        return torch.cat(found)


def read_at(inputs: ModelInput, hours: Tensor) -> ModelInput:
    """Courses as they are when they are read at some hours ``(B, 1)``: nothing from then on is present."""
    values = inputs.values.repeat(len(hours) // len(inputs.values), 1, 1)  # (B, T, 4)
    values[..., 3] = hours
    return ModelInput(values, inputs.presence & (values[..., 1] < hours))
