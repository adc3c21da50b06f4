"""Model folders in Hugging Face's layout: config.json, model.safetensors, tokenizer.json and our card.json.

Weights are read from safetensors only (a pickle can run code), and every file must be the one that the card vouches
for by its SHA-256 (FIPS 180-4).
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from engine.errors import CheckpointError, CheckpointMissing, CheckpointTampered
from engine.models.card import CARD_FILE, Card, read_card, write_card
from engine.models.device import pick_device
from engine.models.explainer import EXPLAINER_FILE, ShapleyHead, load_explainer, save_explainer
from engine.models.gather import Gatherer
from engine.words import tr

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
MEMORY_FILE = "memory.safetensors"
GATE_FILE = "gate.safetensors"

logger = logging.getLogger(__name__)


class Configured(Protocol):
    """A network that says how it was built: `config` is a frozen dataclass with a `model_type`."""

    config: Any


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready to answer, shared by all threads: nothing may change it.

    Parameters
    ----------
    network : torch.nn.Module
        ``network(ModelInput) -> ModelOutput``, in evaluation mode, without gradients of its weights.
    digest : str
        SHA-256 of model.safetensors, hexadecimal.
    tokenizer : tokenizers.Tokenizer or None
        None for a model that reads no text.
    memory : mapping of str to Tensor or None
        Of its training cases, as of `engine.trust.similar`, on the CPU; None where none was kept.
    crowded_out : str
        The device that had no room for a question, of which this is the copy on the processor; else empty.
    gate : mapping of str to Tensor or None
        What tells its images from others, as of `engine.trust.gate`, on the CPU; None where there is none.
    """

    task: str
    network: nn.Module
    labels: tuple[str, ...]
    digest: str
    card: Card
    device: torch.device
    tokenizer: Tokenizer | None = None
    memory: Mapping[str, torch.Tensor] | None = None
    crowded_out: str = ""
    gate: Mapping[str, torch.Tensor] | None = None

    @property
    def where(self) -> str:
        """The device in words: where it computes, and where it would have."""
        return f"{self.device}, for {self.crowded_out} had no room" if self.crowded_out else str(self.device)

    @cached_property
    def gathered(self) -> Gatherer:
        """The network for accelerators: what many threads ask at once is answered in one batch."""
        return Gatherer(self.network)

    @property
    def heads(self) -> int:
        """Attention heads of a layer; our image family names them as the papers do, the text family as transformers."""
        config = cast(Configured, self.network).config
        return int(config.heads if hasattr(config, "heads") else config.num_attention_heads)


def save_model(
    folder: Path,
    network: nn.Module,
    card: Card,
    tokenizer: Tokenizer | None = None,
    *,
    half: bool = False,
    memory: Mapping[str, torch.Tensor] | None = None,
    gate: Mapping[str, torch.Tensor] | None = None,
) -> Card:
    """Write a model folder.

    Parameters
    ----------
    network : torch.nn.Module
        One of our families: its `config` is a frozen dataclass.
    half : bool
        Store what was learned by descent as float16: half the size, computed in float32 all the same. Buffers
        (means, covariances) keep their precision.
    memory : mapping of str to Tensor or None
        Of its training cases, as of `engine.trust.similar`.
    gate : mapping of str to Tensor or None
        What tells its images from others, as of `engine.trust.gate`.

    Returns
    -------
    Card
        The card as written, with the SHA-256 of every file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = asdict(cast(Configured, network).config)
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    halved = {name for name, _ in network.named_parameters()} if half else set()
    weights = {
        name: (value.half() if name in halved else value).contiguous().cpu()
        for name, value in network.state_dict().items()
        if not name.startswith("explainer.")  # it has a file of its own, and explains no other weights
    }
    _save_tensors(weights, folder / WEIGHTS_FILE)
    names = [CONFIG_FILE, WEIGHTS_FILE]
    for name, tensors in ((MEMORY_FILE, memory), (GATE_FILE, gate)):
        if tensors is not None:
            _save_tensors(tensors, folder / name)
            names.append(name)
    if tokenizer is not None:
        tokenizer.save(str(folder / TOKENIZER_FILE))
        names.append(TOKENIZER_FILE)
    written = replace(card, files={name: _sha256(folder / name) for name in names})
    write_card(written, folder)
    return written


def add_explainer(folder: Path, head: ShapleyHead, card: Card) -> Card:
    """Put a learned explainer beside the weights that it explains.

    Parameters
    ----------
    card : Card
        The folder's card, with what was measured of the explainer.

    Returns
    -------
    Card
        The card as written, which vouches for the new file too.
    """
    save_explainer(head, folder)
    written = replace(card, files={**card.files, EXPLAINER_FILE: _sha256(folder / EXPLAINER_FILE)})
    write_card(written, folder)
    return written


def add_memory(folder: Path, memory: Mapping[str, torch.Tensor], card: Card) -> Card:
    """Put a memory of training cases beside the weights that made it.

    Parameters
    ----------
    memory : mapping of str to Tensor
        As of `engine.trust.similar`.
    card : Card
        The folder's card.

    Returns
    -------
    Card
        The card as written, which vouches for the memory too.
    """
    return _add_tensors(folder, MEMORY_FILE, memory, card)


def add_gate(folder: Path, gate: Mapping[str, torch.Tensor], card: Card) -> Card:
    """Put a gate, as of `engine.trust.gate`, beside weights that stay as they are; the card vouches for it too."""
    return _add_tensors(folder, GATE_FILE, gate, card)


def load_model(folder: Path, device: str | None = None) -> LoadedModel:
    """Load a model folder after checking every file against its card.

    Parameters
    ----------
    device : str or None
        A torch device; None picks the best of this machine.

    Raises
    ------
    CheckpointMissing
        The folder or one of its files is not there.
    CheckpointTampered
        A file is not the one that the card vouches for.
    CheckpointError
        The card, the configuration or the weights are not of a kind that we know.
    """
    if not (folder / CARD_FILE).is_file():
        raise CheckpointMissing(
            tr("There is no model in the folder {name}.", name=folder.name), tr("Train it, or install it again.")
        )
    card = read_card(folder)
    _check_files(folder, card)
    network = _build(json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8")))
    try:
        network.load_state_dict(load_file(folder / WEIGHTS_FILE))
    except (RuntimeError, SafetensorError) as exc:
        raise CheckpointError(tr("The weights do not fit the configuration."), tr("Train the model again.")) from exc
    if EXPLAINER_FILE in card.files:
        network.explainer = load_explainer(folder)
    network = network.float().eval().requires_grad_(False)
    where, crowded_out = _placed(network, torch.device(device) if device else pick_device())
    vocabulary = folder / TOKENIZER_FILE
    tokenizer = Tokenizer.from_file(str(vocabulary)) if TOKENIZER_FILE in card.files else None
    memory = load_file(folder / MEMORY_FILE) if MEMORY_FILE in card.files else None
    gate = load_file(folder / GATE_FILE) if GATE_FILE in card.files else None
    digest = card.files[WEIGHTS_FILE]
    return LoadedModel(card.task, network, card.labels, digest, card, where, tokenizer, memory, crowded_out, gate)


_shared: dict[Path, LoadedModel] = {}
_lock = threading.Lock()


def shared_model(folder: Path) -> LoadedModel:
    """Return the model of a folder, loaded once a process however many threads ask.

    Raises
    ------
    CheckpointError
        As `load_model`.
    """
    key = folder.resolve()
    with _lock:
        if key not in _shared:
            _shared[key] = load_model(key)
        return _shared[key]


_FAMILIES = {
    "image-transformer": ("vision", "ImageTransformer"),
    "lesion-transformer": ("lesion", "LesionTransformer"),
    "sequence-transformer": ("sequence", "SequenceTransformer"),
    "text-transformer": ("text", "TextTransformer"),
    "encoder-decoder-transformer": ("encoder_decoder", "EncoderDecoder"),
    "retrieval-transformer": ("retrieval", "RetrievalTransformer"),
    "literature-transformer": ("literature", "LiteratureTransformer"),
    "course-transformer": ("course", "CourseTransformer"),
    "fusion-transformer": ("fusion", "FusionTransformer"),
    "token-tagger": ("tagger", "TokenTagger"),
}
"""Module and class of each family; the class of its configuration is named after it."""


def _build(config: dict[str, Any]) -> nn.Module:
    """Build the network that a configuration describes; families are imported when they are asked for."""
    family = config.get("model_type")
    if family not in _FAMILIES:
        raise CheckpointError(
            tr("The model family {family!r} is not known.", family=family), tr("Use a model of this version.")
        )
    module, name = _FAMILIES[family]
    room = import_module(f"engine.models.{module}")
    try:
        network: nn.Module = getattr(room, name)(getattr(room, f"{name}Config")(**config))
    except TypeError as exc:
        raise CheckpointError(
            tr("The model's config.json is not as expected."), tr("Use a model of this version.")
        ) from exc
    return network


def _placed(network: nn.Module, where: torch.device) -> tuple[torch.device, str]:
    """Bring a network to a device, or to the processor where there is no room; where it is, and which was full."""
    try:
        network.to(where)
    except torch.OutOfMemoryError:
        logger.warning("The accelerator has no room for a model: the processor keeps it.")
        network.to("cpu")
        return torch.device("cpu"), str(where)
    return where, ""


def _check_files(folder: Path, card: Card) -> None:
    """Compare each file with the SHA-256 in the card."""
    for name in {CONFIG_FILE, WEIGHTS_FILE, *card.files}:
        if name not in card.files:
            raise CheckpointTampered(
                tr("The card does not vouch for {name}.", name=name), tr("Install the model again.")
            )
        if Path(name).name != name or not (folder / name).is_file():
            raise CheckpointMissing(tr("The model folder has no {name}.", name=name), tr("Install the model again."))
        if _sha256(folder / name) != card.files[name]:
            raise CheckpointTampered(
                tr("{name} is not the file that the card vouches for.", name=name), tr("Install the model again.")
            )


def _add_tensors(folder: Path, name: str, tensors: Mapping[str, torch.Tensor], card: Card) -> Card:
    _save_tensors(tensors, folder / name)
    written = replace(card, files={**card.files, name: _sha256(folder / name)})
    write_card(written, folder)
    return written


def _save_tensors(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    save_file(dict(tensors), path, metadata={"format": "pt"})
    path.chmod(0o644)  # safetensors leaves it readable by its writer alone


def _sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
