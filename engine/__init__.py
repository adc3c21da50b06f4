"""Attending's engine: a clinical case in, what a Transformer predicts and what it attended to out. Knows no screen.

Names are loaded when they are first asked for (PEP 562): who needs no model does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.case import Case, Image, Note, PixelSpacing, Placement, SpacingSource, VoiFunction, VoiLut, Window
    from engine.errors import (
        AttendingError,
        CaseError,
        CheckpointError,
        CheckpointMissing,
        CheckpointTampered,
        DamagedFile,
        DatasetError,
        EmptyFile,
        NoPixels,
        NoSuitableTask,
        PasswordProtected,
        TooLarge,
        TrainingError,
        UnknownFormat,
        UnknownLabel,
        UnsafeArchive,
        UnsupportedContent,
        UploadError,
    )
    from engine.io.group import UploadReport, read_uploads
    from engine.io.upload import Refusal, read_upload
    from engine.models.card import Card
    from engine.models.checkpoint import LoadedModel, load_model
    from engine.pipeline import analyse, explain_case, shipped_card, shipped_model, suitable_tasks
    from engine.preprocess.display import to_display
    from engine.results import Analysis, Call, Domain, Explanation, Finding, Method, Span
    from engine.samples import SampleEntry, sample_case, sample_index
    from engine.tasks import TASKS
    from engine.tasks.task import Task

__version__ = _version("attending")

__all__ = [
    "TASKS",
    "Analysis",
    "AttendingError",
    "Call",
    "Card",
    "Case",
    "CaseError",
    "CheckpointError",
    "CheckpointMissing",
    "CheckpointTampered",
    "DamagedFile",
    "DatasetError",
    "Domain",
    "EmptyFile",
    "Explanation",
    "Finding",
    "Image",
    "LoadedModel",
    "Method",
    "NoPixels",
    "NoSuitableTask",
    "Note",
    "PasswordProtected",
    "PixelSpacing",
    "Placement",
    "Refusal",
    "SampleEntry",
    "SpacingSource",
    "Span",
    "Task",
    "TooLarge",
    "TrainingError",
    "UnknownFormat",
    "UnknownLabel",
    "UnsafeArchive",
    "UnsupportedContent",
    "UploadError",
    "UploadReport",
    "VoiFunction",
    "VoiLut",
    "Window",
    "analyse",
    "explain_case",
    "load_model",
    "read_upload",
    "read_uploads",
    "sample_case",
    "sample_index",
    "shipped_card",
    "shipped_model",
    "suitable_tasks",
    "to_display",
]

_ROOMS = {
    "engine.case": (
        "Case",
        "Image",
        "Note",
        "PixelSpacing",
        "Placement",
        "SpacingSource",
        "VoiFunction",
        "VoiLut",
        "Window",
    ),
    "engine.errors": (
        "AttendingError",
        "CaseError",
        "CheckpointError",
        "CheckpointMissing",
        "CheckpointTampered",
        "DamagedFile",
        "DatasetError",
        "EmptyFile",
        "NoPixels",
        "NoSuitableTask",
        "PasswordProtected",
        "TooLarge",
        "TrainingError",
        "UnknownFormat",
        "UnknownLabel",
        "UnsafeArchive",
        "UnsupportedContent",
        "UploadError",
    ),
    "engine.io.group": (
        "UploadReport",
        "read_uploads",
    ),
    "engine.io.upload": ("Refusal", "read_upload"),
    "engine.models.card": ("Card",),
    "engine.models.checkpoint": (
        "LoadedModel",
        "load_model",
    ),
    "engine.pipeline": (
        "analyse",
        "explain_case",
        "shipped_card",
        "shipped_model",
        "suitable_tasks",
    ),
    "engine.preprocess.display": ("to_display",),
    "engine.results": (
        "Analysis",
        "Call",
        "Domain",
        "Explanation",
        "Finding",
        "Method",
        "Span",
    ),
    "engine.samples": (
        "SampleEntry",
        "sample_case",
        "sample_index",
    ),
    "engine.tasks": ("TASKS",),
    "engine.tasks.task": ("Task",),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            value = globals()[name] = getattr(_import_module(room), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
