"""Attending's engine: a clinical case in, what a Transformer predicts and what it attended to out. Knows no screen.

Names are loaded when they are first asked for (PEP 562): who needs no model does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.analyst import keep_answer, read_waiting
    from engine.case import (
        Box,
        Case,
        Course,
        Image,
        Lattice,
        Note,
        Period,
        PixelSpacing,
        Place,
        Placement,
        Sequence,
        SpacingSource,
        Stretch,
        Substitution,
        VoiFunction,
        VoiLut,
        Window,
    )
    from engine.deidentify.cases import surrogates_of, with_names_replaced
    from engine.deidentify.find import find_identifiers, language_caution
    from engine.deidentify.identifiers import Identifier, IdentifierKind, marked_words
    from engine.deidentify.surrogates import Surrogates
    from engine.density import DENSITY, MOST_DENSITY
    from engine.doubt import similar_cases, steadiness
    from engine.drafts import Check, CheckKind, Draft, DraftedWord
    from engine.errors import (
        AnotherRun,
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
        NotKept,
        NoVolume,
        PasswordProtected,
        ReviewConflict,
        ReviewLocked,
        StoreError,
        StoreUnavailable,
        TooLarge,
        TooSlow,
        TrainingError,
        UnknownFormat,
        UnknownLabel,
        UnsafeArchive,
        UnsupportedContent,
        UploadError,
    )
    from engine.evaluation.reader_study import (
        FEWEST_READERS,
        Estimate,
        RaterAgreement,
        ReaderComparison,
        ReaderStudy,
        ReadingTimes,
        SubgroupStudy,
        Switches,
        Traits,
        reader_study,
    )
    from engine.evaluation.readings import (
        Endpoint,
        Readings,
        Reference,
        StudyReading,
        latest_signed,
        read_reference,
        study_readings,
    )
    from engine.evidence import check_sanity, known_sanity, measure_agreement, measure_faithfulness, measure_sensitivity
    from engine.explain.heads import Heads
    from engine.explain.lung_fields import lungs
    from engine.explain.overlay import SIGNED_COLORS
    from engine.explain.quotes import Quote, key_sentences
    from engine.explain.section_shares import (
        NoteSection,
        SectionShare,
        note_sections,
        note_sentences,
        section_shares,
        sentence_sums,
    )
    from engine.explain.where import Localisation, Share, centred_blob, halves, localise, sections, share_of, truth_mask
    from engine.interop.chai_card import chai_json
    from engine.interop.illustration import Illustration, ShownMap
    from engine.interop.report import CaseReport, Part, Section, draft_report
    from engine.interop.report_html import data_address, report_html
    from engine.interop.report_pdf import report_pdf
    from engine.interop.study_export import figures_csv, pseudonymised, reviews_csv, reviews_json
    from engine.interop.study_pack import study_pack
    from engine.io.burned_in import BurnedIn, burned_in, without_text
    from engine.io.course_variables import COURSE_HOURS, COURSE_VARIABLES, CourseVariable
    from engine.io.group import UploadReport, read_uploads
    from engine.io.negation import Assertion, AssertionCue, assertion_cues
    from engine.io.observations import doubted_units
    from engine.io.upload import Refusal, read_upload
    from engine.literature.library import Library
    from engine.literature.reading import read_literature
    from engine.literature.records import (
        Abstract,
        Added,
        Found,
        Gathered,
        Hit,
        Match,
        MatchCheck,
        RefusedRow,
        WordPairs,
    )
    from engine.literature.search import check_match, read_library, search_library
    from engine.logs import begin_logs, log_error, log_number, numbered
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
        TwoLabels,
        Verdict,
        WordRegions,
    )
    from engine.models.card import FEWEST_CASES, Card, Metric, Report
    from engine.models.checkpoint import LoadedModel, load_model
    from engine.mutagenesis import Mutations, mutate
    from engine.patterns import CoursePattern, course_patterns
    from engine.pipeline import (
        analyse,
        attention_heads,
        explain_case,
        fitting_tasks,
        shipped_card,
        shipped_model,
        suitable_tasks,
    )
    from engine.preprocess.display import to_display
    from engine.preprocess.volume import (
        Axes,
        Axis,
        Plane,
        Volume,
        plane_in_words,
        reformatted,
        series_digest,
        volume_of,
    )
    from engine.questions import modality_share, word_regions
    from engine.quoting import MiddleSentence, middle_sentences, quotes_by_label
    from engine.results import (
        DEFAULT_METHOD,
        Analysis,
        Call,
        Caution,
        Cautions,
        Domain,
        Explanation,
        Finding,
        Lesion,
        Method,
        Objection,
        Region,
        Span,
        Trajectory,
    )
    from engine.review import (
        Answer,
        Judgement,
        KeyImage,
        Mark,
        MarkedRegion,
        Measure,
        Measurement,
        OwnReading,
        Plausibility,
        ReadingOrder,
        Review,
        Stance,
        Step,
        Timed,
        answer_of,
    )
    from engine.samples import SampleEntry, sample_case, sample_index, sample_library
    from engine.scanning import scan
    from engine.serve import SERVER_ENVIRONMENT
    from engine.sign_in import SignIn, sign_in_settings
    from engine.sites import (
        AT_LEAST,
        Scan,
        Site,
        asks_reverse,
        fits_one_window,
        other_strand,
        site_in_question,
        sites_bed,
        sites_csv,
    )
    from engine.store.chain import Action, ChainReport, Event
    from engine.store.retention import Retention, keep_days
    from engine.store.spool import Spool
    from engine.store.store import Store, open_store
    from engine.store.worklist import Line, Order, Page, Query, ReviewState
    from engine.tasks import TASKS
    from engine.tasks.task import Task
    from engine.tasks.treatment import note_cautions
    from engine.training.curves import TrainingRun, training_runs
    from engine.triage import in_few_words
    from engine.trust.language import is_english
    from engine.two_labels import compare_labels
    from engine.whatif import Aim, Effect, Effects, Smallest, WhatIf
    from engine.wording import (
        ABSTAINS,
        DISCLAIMER,
        count,
        drawn_in_words,
        likelihood,
        map_warning,
        measured_against,
        p_in_words,
        picture_in_words,
        read_in_part,
        side_in_words,
        steadiness_in_words,
        sum_up,
    )
    from engine.words import LANGUAGES, language, mark, meanings, recorded, speaking, spoken, tr, trn

__version__ = _version("attending")

__all__ = [
    "ABSTAINS", "AT_LEAST", "COURSE_HOURS", "COURSE_VARIABLES", "DEFAULT_METHOD", "DENSITY", "DISCLAIMER",
    "FEWEST_CASES", "FEWEST_READERS", "LANGUAGES", "MOST_DENSITY", "SERVER_ENVIRONMENT", "SIGNED_COLORS", "TASKS",
    "Abstract", "Action", "Added", "Agreement", "Aim", "Analysis", "AnotherRun", "Answer", "Assertion",
    "AssertionCue", "AttendingError", "Axes", "Axis", "Band", "Box", "BurnedIn", "Call", "Card", "Case",
    "CaseError", "CaseReport", "Caution", "Cautions", "ChainReport", "Check", "CheckKind", "CheckpointError",
    "CheckpointMissing", "CheckpointTampered", "Comparison", "Course", "CoursePattern", "CourseVariable", "Curve",
    "DamagedFile", "DatasetError", "Domain", "Draft", "DraftedWord", "Effect", "Effects", "EmptyFile", "Endpoint",
    "Estimate", "Event", "Explanation", "Faithfulness", "Finding", "Found", "Gathered", "Heads", "Hit",
    "Identifier", "IdentifierKind", "Illustration", "Image", "Judgement", "KeyImage", "Lattice", "Lesion",
    "Library", "Line", "LoadedModel", "Localisation", "Mark", "MarkedRegion", "Match", "MatchCheck", "Measure",
    "Measurement", "Method", "MethodSanity", "Metric", "MiddleSentence", "ModalityShare", "Mutations", "NoPixels",
    "NoSuitableTask", "NoVolume", "NotKept", "Note", "NoteSection", "Objection", "Order", "OwnReading", "Page",
    "Part", "PasswordProtected", "PastCase", "Period", "PixelSpacing", "Place", "Placement", "Plane",
    "Plausibility", "Query", "Quote", "RaterAgreement", "ReaderComparison", "ReaderStudy", "ReadingOrder",
    "ReadingTimes", "Readings", "Reference", "Refusal", "RefusedRow", "Region", "Report", "Retention", "Review",
    "ReviewConflict", "ReviewLocked", "ReviewState", "SampleEntry", "Sanity", "Scan", "Section", "SectionShare",
    "Sequence", "Share", "ShownMap", "SignIn", "SimilarCases", "Site", "Smallest", "SpacingSource", "Span", "Spool",
    "Stance", "Steadiness", "Step", "Store", "StoreError", "StoreUnavailable", "Stretch", "StudyReading",
    "SubgroupStudy", "Substitution", "Surrogates", "Switches", "Task", "Timed", "TooLarge", "TooSlow",
    "TrainingError", "TrainingRun", "Traits", "Trajectory", "TwoLabels", "UnknownFormat", "UnknownLabel",
    "UnsafeArchive", "UnsupportedContent", "UploadError", "UploadReport", "Verdict", "VoiFunction", "VoiLut",
    "Volume", "WhatIf", "Window", "WordPairs", "WordRegions", "analyse", "answer_of", "asks_reverse",
    "assertion_cues", "attention_heads", "begin_logs", "burned_in", "centred_blob", "chai_json", "check_match",
    "check_sanity", "compare_labels", "count", "course_patterns", "data_address", "doubted_units", "draft_report",
    "drawn_in_words", "explain_case", "figures_csv", "find_identifiers", "fits_one_window", "fitting_tasks",
    "halves", "in_few_words", "is_english", "keep_answer", "keep_days", "key_sentences", "known_sanity", "language",
    "language_caution", "latest_signed", "likelihood", "load_model", "localise", "log_error", "log_number", "lungs",
    "map_warning", "mark", "marked_words", "meanings", "measure_agreement", "measure_faithfulness",
    "measure_sensitivity", "measured_against", "middle_sentences", "modality_share", "mutate", "note_cautions",
    "note_sections", "note_sentences", "numbered", "open_store", "other_strand", "p_in_words", "picture_in_words",
    "plane_in_words", "pseudonymised", "quotes_by_label", "read_in_part", "read_library", "read_literature",
    "read_reference", "read_upload", "read_uploads", "read_waiting", "reader_study", "recorded", "reformatted",
    "report_html", "report_pdf", "reviews_csv", "reviews_json", "sample_case", "sample_index", "sample_library",
    "scan", "search_library", "section_shares", "sections", "sentence_sums", "series_digest", "share_of",
    "shipped_card", "shipped_model", "side_in_words", "sign_in_settings", "similar_cases", "site_in_question",
    "sites_bed", "sites_csv", "speaking", "spoken", "steadiness", "steadiness_in_words", "study_pack",
    "study_readings", "suitable_tasks", "sum_up", "surrogates_of", "to_display", "tr", "training_runs", "trn",
    "truth_mask", "volume_of", "with_names_replaced", "without_text", "word_regions",
]  # fmt: skip

_ROOMS = {
    "engine.analyst": "keep_answer read_waiting",
    "engine.case": (
        "Box Case Course Image Lattice Note Period PixelSpacing Place Placement Sequence SpacingSource Stretch "
        "Substitution VoiFunction VoiLut Window"
    ),
    "engine.deidentify.cases": "surrogates_of with_names_replaced",
    "engine.deidentify.find": "find_identifiers language_caution",
    "engine.deidentify.identifiers": "Identifier IdentifierKind marked_words",
    "engine.deidentify.surrogates": "Surrogates",
    "engine.density": "DENSITY MOST_DENSITY",
    "engine.doubt": "similar_cases steadiness",
    "engine.drafts": "Check CheckKind Draft DraftedWord",
    "engine.errors": (
        "AnotherRun AttendingError CaseError CheckpointError CheckpointMissing CheckpointTampered DamagedFile "
        "DatasetError EmptyFile NoPixels NoSuitableTask NoVolume NotKept PasswordProtected ReviewConflict ReviewLocked "
        "StoreError StoreUnavailable TooLarge TooSlow TrainingError UnknownFormat UnknownLabel UnsafeArchive "
        "UnsupportedContent UploadError"
    ),
    "engine.evaluation.reader_study": (
        "FEWEST_READERS Estimate RaterAgreement ReaderComparison ReaderStudy ReadingTimes "
        "SubgroupStudy Switches Traits reader_study"
    ),
    "engine.evaluation.readings": (
        "Endpoint Readings Reference StudyReading latest_signed read_reference study_readings"
    ),
    "engine.evidence": "check_sanity known_sanity measure_agreement measure_faithfulness measure_sensitivity",
    "engine.explain.heads": "Heads",
    "engine.explain.lung_fields": "lungs",
    "engine.explain.overlay": "SIGNED_COLORS",
    "engine.explain.quotes": "Quote key_sentences",
    "engine.explain.section_shares": (
        "NoteSection SectionShare note_sections note_sentences section_shares sentence_sums"
    ),
    "engine.explain.where": "Localisation Share centred_blob halves localise sections share_of truth_mask",
    "engine.interop.chai_card": "chai_json",
    "engine.interop.illustration": "Illustration ShownMap",
    "engine.interop.report": "CaseReport Part Section draft_report",
    "engine.interop.report_html": "data_address report_html",
    "engine.interop.report_pdf": "report_pdf",
    "engine.interop.study_export": "figures_csv pseudonymised reviews_csv reviews_json",
    "engine.interop.study_pack": "study_pack",
    "engine.io.burned_in": "BurnedIn burned_in without_text",
    "engine.io.course_variables": "COURSE_HOURS COURSE_VARIABLES CourseVariable",
    "engine.io.group": "UploadReport read_uploads",
    "engine.io.negation": "Assertion AssertionCue assertion_cues",
    "engine.io.observations": "doubted_units",
    "engine.io.upload": "Refusal read_upload",
    "engine.literature.library": "Library",
    "engine.literature.reading": "read_literature",
    "engine.literature.records": "Abstract Added Found Gathered Hit Match MatchCheck RefusedRow WordPairs",
    "engine.literature.search": "check_match read_library search_library",
    "engine.logs": "begin_logs log_error log_number numbered",
    "engine.measured": (
        "Agreement Band Comparison Curve Faithfulness MethodSanity ModalityShare PastCase Sanity SimilarCases "
        "Steadiness TwoLabels Verdict WordRegions"
    ),
    "engine.models.card": "FEWEST_CASES Card Metric Report",
    "engine.models.checkpoint": "LoadedModel load_model",
    "engine.mutagenesis": "Mutations mutate",
    "engine.patterns": "CoursePattern course_patterns",
    "engine.pipeline": "analyse attention_heads explain_case fitting_tasks shipped_card shipped_model suitable_tasks",
    "engine.preprocess.display": "to_display",
    "engine.preprocess.volume": "Axes Axis Plane Volume plane_in_words reformatted series_digest volume_of",
    "engine.questions": "modality_share word_regions",
    "engine.quoting": "MiddleSentence middle_sentences quotes_by_label",
    "engine.results": (
        "DEFAULT_METHOD Analysis Call Caution Cautions Domain Explanation Finding Lesion Method Objection Region Span "
        "Trajectory"
    ),
    "engine.review": (
        "Answer Judgement KeyImage Mark MarkedRegion Measure Measurement OwnReading Plausibility ReadingOrder "
        "Review Stance Step Timed answer_of"
    ),
    "engine.samples": "SampleEntry sample_case sample_index sample_library",
    "engine.serve": "SERVER_ENVIRONMENT",
    "engine.sign_in": "SignIn sign_in_settings",
    "engine.scanning": "scan",
    "engine.sites": (
        "AT_LEAST Scan Site asks_reverse fits_one_window other_strand site_in_question sites_bed sites_csv"
    ),
    "engine.store.chain": "Action ChainReport Event",
    "engine.store.retention": "Retention keep_days",
    "engine.store.spool": "Spool",
    "engine.store.store": "Store open_store",
    "engine.store.worklist": "Line Order Page Query ReviewState",
    "engine.tasks": "TASKS",
    "engine.tasks.task": "Task",
    "engine.tasks.treatment": "note_cautions",
    "engine.training.curves": "TrainingRun training_runs",
    "engine.triage": "in_few_words",
    "engine.trust.language": "is_english",
    "engine.two_labels": "compare_labels",
    "engine.whatif": "Aim Effect Effects Smallest WhatIf",
    "engine.wording": (
        "ABSTAINS DISCLAIMER count drawn_in_words likelihood map_warning measured_against p_in_words picture_in_words "
        "read_in_part side_in_words steadiness_in_words sum_up"
    ),
    "engine.words": "LANGUAGES language mark meanings recorded speaking spoken tr trn",
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names.split():
            return globals().setdefault(name, getattr(_import_module(room), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
