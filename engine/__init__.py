"""Attending's engine: a clinical case in, what a Transformer predicts and what it attended to out. Knows no screen.

Names are loaded when they are first asked for (PEP 562): who needs no model does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.case import (
        Box,
        Case,
        Course,
        Image,
        Note,
        Period,
        PixelSpacing,
        Place,
        Placement,
        Sequence,
        SpacingSource,
        Stretch,
        VoiFunction,
        VoiLut,
        Window,
    )
    from engine.doubt import similar_cases, steadiness
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
    from engine.evidence import (
        check_sanity,
        known_sanity,
        measure_agreement,
        measure_faithfulness,
        measure_sensitivity,
    )
    from engine.explain.heads import Heads
    from engine.explain.overlay import SIGNED_COLORS
    from engine.explain.where import Localisation, Share, centred_blob, halves, localise, sections, share_of, truth_mask
    from engine.io.course_variables import COURSE_VARIABLES, CourseVariable
    from engine.io.group import UploadReport, read_uploads
    from engine.io.upload import Refusal, read_upload
    from engine.measured import (
        Agreement,
        Band,
        Comparison,
        Curve,
        Faithfulness,
        MethodSanity,
        ModalityShare,
        PastCase,
        Sanity,
        SimilarCases,
        Steadiness,
        Verdict,
        WordRegions,
    )
    from engine.models.card import Card, Metric, Report
    from engine.models.checkpoint import LoadedModel, load_model
    from engine.mutagenesis import Mutations, mutate
    from engine.patterns import CoursePattern, course_patterns
    from engine.pipeline import analyse, attention_heads, explain_case, shipped_card, shipped_model, suitable_tasks
    from engine.preprocess.display import to_display
    from engine.questions import modality_share, word_regions
    from engine.results import (
        DEFAULT_METHOD,
        Analysis,
        Call,
        Domain,
        Explanation,
        Finding,
        Lesion,
        Method,
        Region,
        Span,
        Trajectory,
    )
    from engine.samples import SampleEntry, sample_case, sample_index
    from engine.sites import Scan, Site, fits_one_window, scan, site_in_question
    from engine.tasks import TASKS
    from engine.tasks.task import Task
    from engine.training.curves import TrainingRun, training_runs
    from engine.whatif import Aim, Effect, Effects, Smallest, WhatIf

__version__ = _version("attending")

__all__ = [
    "COURSE_VARIABLES",
    "DEFAULT_METHOD",
    "SIGNED_COLORS",
    "TASKS",
    "Agreement",
    "Aim",
    "Analysis",
    "AttendingError",
    "Band",
    "Box",
    "Call",
    "Card",
    "Case",
    "CaseError",
    "CheckpointError",
    "CheckpointMissing",
    "CheckpointTampered",
    "Comparison",
    "Course",
    "CoursePattern",
    "CourseVariable",
    "Curve",
    "DamagedFile",
    "DatasetError",
    "Domain",
    "Effect",
    "Effects",
    "EmptyFile",
    "Explanation",
    "Faithfulness",
    "Finding",
    "Heads",
    "Image",
    "Lesion",
    "LoadedModel",
    "Localisation",
    "Method",
    "MethodSanity",
    "Metric",
    "ModalityShare",
    "Mutations",
    "NoPixels",
    "NoSuitableTask",
    "Note",
    "PasswordProtected",
    "PastCase",
    "Period",
    "PixelSpacing",
    "Place",
    "Placement",
    "Refusal",
    "Region",
    "Report",
    "SampleEntry",
    "Sanity",
    "Scan",
    "Sequence",
    "Share",
    "SimilarCases",
    "Site",
    "Smallest",
    "SpacingSource",
    "Span",
    "Steadiness",
    "Stretch",
    "Task",
    "TooLarge",
    "TrainingError",
    "TrainingRun",
    "Trajectory",
    "UnknownFormat",
    "UnknownLabel",
    "UnsafeArchive",
    "UnsupportedContent",
    "UploadError",
    "UploadReport",
    "Verdict",
    "VoiFunction",
    "VoiLut",
    "WhatIf",
    "Window",
    "WordRegions",
    "analyse",
    "attention_heads",
    "centred_blob",
    "check_sanity",
    "course_patterns",
    "explain_case",
    "fits_one_window",
    "halves",
    "known_sanity",
    "load_model",
    "localise",
    "measure_agreement",
    "measure_faithfulness",
    "measure_sensitivity",
    "modality_share",
    "mutate",
    "read_upload",
    "read_uploads",
    "sample_case",
    "sample_index",
    "scan",
    "sections",
    "share_of",
    "shipped_card",
    "shipped_model",
    "similar_cases",
    "site_in_question",
    "steadiness",
    "suitable_tasks",
    "to_display",
    "training_runs",
    "truth_mask",
    "word_regions",
]

_ROOMS = {
    "engine.case": (
        "Box",
        "Case",
        "Course",
        "Image",
        "Note",
        "Period",
        "PixelSpacing",
        "Place",
        "Placement",
        "Sequence",
        "SpacingSource",
        "Stretch",
        "VoiFunction",
        "VoiLut",
        "Window",
    ),
    "engine.doubt": (
        "similar_cases",
        "steadiness",
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
    "engine.evidence": (
        "check_sanity",
        "known_sanity",
        "measure_agreement",
        "measure_faithfulness",
        "measure_sensitivity",
    ),
    "engine.explain.heads": ("Heads",),
    "engine.explain.where": (
        "Localisation",
        "Share",
        "centred_blob",
        "halves",
        "localise",
        "sections",
        "share_of",
        "truth_mask",
    ),
    "engine.explain.overlay": ("SIGNED_COLORS",),
    "engine.io.course_variables": (
        "COURSE_VARIABLES",
        "CourseVariable",
    ),
    "engine.io.group": (
        "UploadReport",
        "read_uploads",
    ),
    "engine.io.upload": (
        "Refusal",
        "read_upload",
    ),
    "engine.measured": (
        "Agreement",
        "Band",
        "Comparison",
        "Curve",
        "Faithfulness",
        "MethodSanity",
        "ModalityShare",
        "PastCase",
        "Sanity",
        "SimilarCases",
        "Steadiness",
        "Verdict",
        "WordRegions",
    ),
    "engine.models.card": (
        "Card",
        "Metric",
        "Report",
    ),
    "engine.models.checkpoint": (
        "LoadedModel",
        "load_model",
    ),
    "engine.patterns": (
        "CoursePattern",
        "course_patterns",
    ),
    "engine.pipeline": (
        "analyse",
        "attention_heads",
        "explain_case",
        "shipped_card",
        "shipped_model",
        "suitable_tasks",
    ),
    "engine.preprocess.display": ("to_display",),
    "engine.questions": (
        "modality_share",
        "word_regions",
    ),
    "engine.results": (
        "DEFAULT_METHOD",
        "Analysis",
        "Call",
        "Domain",
        "Explanation",
        "Finding",
        "Lesion",
        "Method",
        "Region",
        "Span",
        "Trajectory",
    ),
    "engine.samples": (
        "SampleEntry",
        "sample_case",
        "sample_index",
    ),
    "engine.mutagenesis": (
        "Mutations",
        "mutate",
    ),
    "engine.sites": (
        "Scan",
        "Site",
        "fits_one_window",
        "scan",
        "site_in_question",
    ),
    "engine.tasks": ("TASKS",),
    "engine.tasks.task": ("Task",),
    "engine.training.curves": (
        "TrainingRun",
        "training_runs",
    ),
    "engine.whatif": (
        "Aim",
        "Effect",
        "Effects",
        "Smallest",
        "WhatIf",
    ),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            value = globals()[name] = getattr(_import_module(room), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
