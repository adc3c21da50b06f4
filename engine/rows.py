"""What `attending analyse` says of a case: one row a model, and lines for the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.case import Case
from engine.drafts import Draft
from engine.measured import ModalityShare
from engine.results import Analysis, Call, Caution, Cautions, Finding
from engine.tasks import KNOWN_TASKS
from engine.tasks.task import Source
from engine.wording import read_in_part

Row = dict[str, Any]
_TEXTS = (Source.NOTE, Source.FILM_AND_NOTE)


def row_of(path: Path, analysis: Analysis) -> Row:
    """Write what one model found in a file."""
    course = {"trajectory": asdict(analysis.trajectory)} if analysis.trajectory else {}
    return {
        "file": str(path),
        "task": analysis.task,
        **({"draft": _draft_record(analysis.draft)} if analysis.draft else {}),
        "findings": [
            {"label": one.label, "probability": round(one.probability, 6), "set": _call(one, analysis)}
            for one in analysis.findings
        ],
        "in_domain": analysis.domain.inside,
        "coverage": round(analysis.coverage, 4),
        "reasons": list(analysis.domain.reasons),
        "model_digest": analysis.model_digest,
        **course,
        **({"lesion": asdict(analysis.lesion.drawn)} if analysis.lesion else {}),
        **({} if analysis.sure else {"cannot_tell": True}),
        "seconds": round(sum(analysis.seconds.values()), 4),
    }


def with_cautions(rows: Sequence[Row], cautions: Cautions | None) -> list[Row]:
    """Put what a case's note states against treatments into one of its rows, answered or refused.

    It is the row of the task that suggests treatments, else the first.

    Parameters
    ----------
    rows : sequence of dict
        At least one.
    cautions : Cautions or None
        None where the case has no note.
    """
    if cautions is None:
        return list(rows)
    heeding = [KNOWN_TASKS[row["task"]].cautions is not None if "task" in row else False for row in rows]
    chosen = heeding.index(True) if True in heeding else 0
    stated = {"cautions": [_caution_record(caution, cautions) for caution in cautions.found]}
    return [row | stated if rank == chosen else row for rank, row in enumerate(rows)]


def with_warnings(rows: Sequence[Row], case: Case) -> list[Row]:
    """Put what was not read of a case's files, or was read otherwise than it stands there, into each of its rows."""
    found = [
        warning for part in (case.note, case.course, case.sequence) if part is not None for warning in part.warnings
    ]
    return [row | {"warnings": found} if found else row for row in rows]


def with_share(row: Row, share: ModalityShare) -> Row:
    """Add to the answer to a question what the image and what the words contributed to it."""
    parts = {name: round(value, 6) for name, value in asdict(share).items() if isinstance(value, float)}
    said = {
        "label": share.label,
        "from_image": round(share.of_image, 6),
        "from_words": round(share.of_words, 6),
        "probability_with": parts,
        "said_by_words": share.said_by_words,
        "said_by_image": share.said_by_image,
        "image_used": share.image_used,
        "in_words": share.sentence,
    }
    return {**row, "modality_share": said}


def is_refused(row: Row) -> bool:
    """Whether a row says nothing but why there is no answer; what a note states against treatments is an answer."""
    return "error" in row and not row.get("cautions")


def warning_lines(rows: Sequence[Row]) -> list[str]:
    """Say what was not read of the files of one case as it stands there, each warning once."""
    lines = (f"{row['file']}: WARNING: {warning}" for row in rows for warning in row.get("warnings", ()))
    return list(dict.fromkeys(lines))


def caution_lines(row: Row) -> list[str]:
    """Say what the note of a row's case states against treatments, a line for each condition."""
    return [f"{row['file']}: CAUTION, {_caution_line(caution)}" for caution in row.get("cautions", ())]


def answer_line(row: Row) -> str:
    """Say what one model answered, in one line."""
    inside = row["in_domain"]
    top = ", ".join(f"{f['label']} {f['probability']:.2f} ({f['set']})" for f in row["findings"][:3] if inside)
    top = top or "no call"
    top = f"cannot tell; most probable are {top}" if inside and row.get("cannot_tell") else top
    where = _sites_in_words(row) if "sites" in row else ""
    doubt = "" if inside else f" - OUT OF DOMAIN: {' '.join(row['reasons'])}"
    partly = read_in_part(row["coverage"]) if KNOWN_TASKS[row["task"]].source in _TEXTS else ""
    share = _share_line(row["modality_share"]) if "modality_share" in row else ""
    return f"{row['file']}: {row['task']}: {top}{where}{doubt}{partly and f' - {partly}'}{share}"


def _call(finding: Finding, analysis: Analysis) -> str:
    """What a model calls a finding; outside its domain it calls nothing."""
    return str(finding.call if analysis.domain.inside else Call.UNCERTAIN)


def _caution_record(caution: Caution, cautions: Cautions) -> Row:
    named = [one.label for one in caution.against if one.label in cautions.named]
    return {**asdict(caution), "named": named}


def _caution_line(caution: Row) -> str:
    against = ", ".join(one["label"] for one in caution["against"]) or "nothing that is suggested here"
    named = f"; THE NOTE ITSELF NAMES {', '.join(caution['named'])}" if caution["named"] else ""
    return f"{caution['condition']}: “{' '.join(caution['quote'].split())}” speaks against {against}{named}"


def _share_line(share: Row) -> str:
    unused = "" if share["image_used"] else "; THE IMAGE WAS NOT USED"
    parts = f"from the image {share['from_image']:+.2f}, from the words {share['from_words']:+.2f}"
    return f" - {parts}{unused}. {share['in_words']}"


def _draft_record(draft: Draft) -> Row:
    """A draft with what does not agree, or the reason why there is none; without its alignment."""
    checks = [asdict(check) | {"kind": str(check.kind)} for check in draft.checks]
    return {"text": draft.text, "reason": draft.reason, "confidence": round(draft.confidence, 6), "checks": checks}


def _sites_in_words(row: Row) -> str:
    """How many sites a sequence has, what was expected of it, and what of it nobody knows."""
    best = f", the first of which is {row['sites'][0]['probability']:.1%} likely" if row["sites"] else ""
    unknown = f"; WARNING: {row['unknown']:,} places among runs of N were not searched" if row["unknown"] else ""
    if row["share_searched"] < 1:
        unknown += f"; WARNING: THE SEARCH WAS STOPPED, {row['share_searched']:.1%} of the sequence was searched"
    density, strands = f"{row['density']:g} junctions expected per kb", "both strands" if row["strands"] > 1 else "+"
    return f" of {len(row['sites']):,} sites ({strands}, {density}{best}){unknown}"
