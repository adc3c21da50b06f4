"""Chest X-ray reports of Indiana University: how the set is read, and which part of a note such a model reads.

Demner-Fushman et al., J Am Med Inform Assoc 23, 2016. Labels are the set's own "Problems": MeSH terms and RadLex-like
words that coders gave to a whole report, its impression included.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from engine.errors import DatasetError
from engine.tasks.task import Example

FILE = "reports.csv"
_COLUMNS = {"uid", "Problems", "findings", "impression"}

# Problems with at least 30 reports; "No Indexing" says that nobody coded the report, which no text tells.
LABELS = (
    "Airspace Disease",
    "Aorta",
    "Aorta, Thoracic",
    "Atherosclerosis",
    "Calcified Granuloma",
    "Calcinosis",
    "Cardiac Shadow",
    "Cardiomegaly",
    "Catheters, Indwelling",
    "Cicatrix",
    "Consolidation",
    "Costophrenic Angle",
    "Deformity",
    "Density",
    "Diaphragm",
    "Emphysema",
    "Fractures, Bone",
    "Granuloma",
    "Granulomatous Disease",
    "Hernia, Hiatal",
    "Implanted Medical Device",
    "Infiltrate",
    "Lung",
    "Markings",
    "Nodule",
    "Opacity",
    "Osteophyte",
    "Pleural Effusion",
    "Pneumonia",
    "Pulmonary Atelectasis",
    "Pulmonary Congestion",
    "Pulmonary Disease, Chronic Obstructive",
    "Pulmonary Edema",
    "Scoliosis",
    "Spine",
    "Spondylosis",
    "Surgical Instruments",
    "Technical Quality of Image Unsatisfactory",
    "Thickening",
    "Thoracic Vertebrae",
    "normal",
)


def read_dataset(folder: Path) -> list[Example]:
    """Read the rows of ``reports.csv`` that have findings; equal findings are one group, other labels are left out.

    Raises
    ------
    DatasetError
        The file is missing, is no CSV in UTF-8, lacks a column, or no row has findings.
    """
    try:
        with (folder / FILE).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, strict=True))
    except OSError as exc:
        raise DatasetError(f"The folder has no readable {FILE}.", f"Give the folder that holds {FILE}.") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DatasetError(f"{FILE} is not a CSV file in UTF-8.", "Give the file as it was published.") from exc
    if not rows or not set(rows[0]) >= _COLUMNS:
        raise DatasetError(f"{FILE} needs rows with the columns {', '.join(sorted(_COLUMNS))}.", "Check its header.")
    examples = [_example(row) for row in rows if row["findings"].strip()]
    if not examples:
        raise DatasetError(f"No row of {FILE} has findings.", "Give the file as it was published.")
    return examples


def _example(row: Mapping[str, str]) -> Example:
    named = {problem.strip() for problem in row["Problems"].split(";")}
    truth = tuple(label for label in LABELS if label in named)
    group = " ".join(row["findings"].casefold().split())
    return Example(row["uid"], group, truth, text=row["findings"], written=row["impression"].strip())
