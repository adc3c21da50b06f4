"""The command that writes DICOM images without what points at a person, one new file for each that can be read."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import AttendingError, UnsupportedContent, UploadError, UsageError
from engine.io.archive import is_clutter
from engine.io.burned_in import blank, burned_in
from engine.io.deidentify import Deidentified, deidentify
from engine.io.dicom import read_dicom
from engine.io.dicom_file import looks_like_dicom, read_dataset
from engine.io.dicom_pixels import read_layout, read_stored
from engine.io.limits import check_file_size
from engine.io.pseudonyms import Pseudonyms
from engine.io.seam import reading
from engine.store.folder import data_folder, installation_secret, new_file


def deidentify_files(options: argparse.Namespace) -> int:
    """De-identify files and folders; a file that is refused is named with its reason and does not stop the others.

    Raises
    ------
    UsageError
        If the report is there already, or the folder cannot be made.
    UploadError
        If no file could be de-identified.
    """
    if options.report and options.report.exists():
        raise UsageError(f"{options.report.name} is there already.", "Give another name: nothing is replaced.")
    pseudonyms = Pseudonyms(installation_secret(data_folder()))
    _make_folder(options.out)
    written: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for number, path in enumerate(_paths(options.files), start=1):
        try:
            made = _deidentified(_read(path), pseudonyms, options.burned_in)
            _write(options.out / f"{made.image.uid}.dcm", made.image.content)
        except AttendingError as error:
            print(f"attending: {path}: {error}", file=sys.stderr)
            refused.append({"number": number, "error": str(error)})
            continue
        written.append({"number": number, **_row(made)})
    if options.report:
        with new_file(options.report) as unfinished:
            unfinished.write_text(json.dumps({"written": written, "refused": refused}, indent=2) + "\n", "utf-8")
    if not written:
        raise UploadError(f"Nothing was written: {_files(len(refused))} refused.", "The lines above say why.")
    print(f"{_files(len(written))} written to {options.out}, {len(refused)} refused.")
    return 0


@dataclass(frozen=True)
class _Made:
    """One file that was made, and in how many places text seemed to be burned in."""

    image: Deidentified
    places: int
    blanked: bool


def _deidentified(data: bytes, pseudonyms: Pseudonyms, policy: str) -> _Made:
    """De-identify one file, its pixels treated as was asked for."""
    if not looks_like_dicom(data):
        raise UnsupportedContent("This is no DICOM file.", "Give DICOM images, or folders of them.")
    if policy == "keep":
        return _Made(deidentify(data, pseudonyms), 0, blanked=False)
    found = burned_in(read_dicom("", data))
    if not found.suspected:
        return _Made(deidentify(data, pseudonyms), 0, blanked=False)
    places = len(found.boxes)
    if policy == "blank" and places:
        with reading("DICOM object"):
            ds = read_dataset(data)
            layout = read_layout(ds)
            stored = blank(read_stored(ds, layout), found.boxes, white=layout.photometric == "MONOCHROME1")
        return _Made(deidentify(data, pseudonyms, blanked=stored), places, blanked=True)
    if not places:
        raise UnsupportedContent(
            "The file says that text is burned into its pixels, and none was found to be blanked.",
            "Look at it; --burned-in keep writes it as it is.",
        )
    raise UnsupportedContent(
        f"Text seems to be burned into its pixels, in {places} place{'s' if places > 1 else ''}.",
        "Look at it; --burned-in blank fills these places, --burned-in keep leaves them.",
    )


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        raise UploadError(
            "An image with the same SOP Instance UID is in that folder already.",
            "Nothing is replaced: give another folder, or keep one of the two.",
        )
    with new_file(path) as unfinished:
        unfinished.write_bytes(content)


def _row(made: _Made) -> dict[str, Any]:
    """One line of the report: keywords and the new name, no value and no old name."""
    return {
        "file": f"{made.image.uid}.dcm",
        "removed": made.image.removed,
        "private_removed": made.image.private,
        "replaced": made.image.replaced,
        "kept": made.image.kept,
        "text_places": made.places,
        "text_blanked": made.blanked,
    }


def _paths(given: Sequence[Path]) -> Iterator[Path]:
    """The files, and those below the folders in order of name; links to folders are not followed."""
    for path in given:
        if path.is_dir():
            inside = sorted(Path(parent, name) for parent, _, names in os.walk(path) for name in names)
            yield from (file for file in inside if not is_clutter(file.relative_to(path).as_posix()))
        else:
            yield path


def _read(path: Path) -> bytes:
    try:
        check_file_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as exc:
        raise UploadError("The file cannot be opened.", "Check its name, place and permissions.") from exc


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"The folder {folder} cannot be made.", "Give another one.") from exc


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
