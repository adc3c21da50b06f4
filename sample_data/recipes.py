"""The kinds of sample case, and how each is made into files."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import UID, JPEG2000Lossless, JPEGLSLossless

from sample_data import dicom
from sample_data.dicom import Photometric, Subject
from sample_data.film import Exposure, expose
from sample_data.gene import fasta, gene, window
from sample_data.monitor import Stay, observe
from sample_data.monitor_files import as_bundle, as_physionet, as_table
from sample_data.notes import Dictation
from sample_data.scanner import Scan, scan
from sample_data.thorax import Build, Thorax
from sample_data.ultrasound import Breast, cine, image

DONOR = ("exon-intron",)


@dataclass(frozen=True)
class Made:
    """The files of a case by name, and the mask (PNG) of its first image where there is something to find."""

    files: Mapping[str, bytes]
    mask: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """One sample case.

    Parameters
    ----------
    labels : tuple of str
        The ground truth, in the words of the tasks that the case is for.
    question : str
        What is asked of its first image, where something is.
    """

    case_id: str
    title: str
    modality: str
    labels: tuple[str, ...]
    age: str = "003Y"
    sex: str = "M"
    question: str = ""

    @abstractmethod
    def make(self, seed: int) -> Made:
        """Return the files of the case, always the same for the same `seed`."""

    @property
    def subject(self) -> Subject:
        """Whom the headers name."""
        return Subject(self.case_id, self.title, self.age, self.sex)


@dataclass(frozen=True, kw_only=True)
class FilmRecipe(Recipe):
    """A chest radiograph, with its note where there is one."""

    build: Build
    exposure: Exposure
    photometric: Photometric = Photometric.BLACK
    syntax: UID = JPEG2000Lossless
    note: Dictation | None = None

    def make(self, seed: int) -> Made:
        """Return the film, its note, and where its rays cross diseased lung."""
        taken = expose(Thorax(self.build, seed), self.exposure, seed)
        data = dicom.film(
            taken.values,
            self.subject,
            computed=self.modality.startswith("CR"),
            photometric=self.photometric,
            spacing=self.exposure.spacing,
            syntax=self.syntax,
        )
        files = {"film.dcm": data}
        if self.note is not None:
            files["note.txt"] = self.note.text.encode()
        return Made(files, _mask(taken.disease))


@dataclass(frozen=True, kw_only=True)
class ScanRecipe(Recipe):
    """A series of CT slices, one file each, whose names do not follow their order in space."""

    build: Build
    scan: Scan

    def make(self, seed: int) -> Made:
        """Return the slices; the mask is that of the lowest."""
        slices, diseased = scan(Thorax(self.build, seed), self.scan, seed)
        names = np.random.default_rng([seed, 7]).permutation(len(slices))
        files = {}
        for name, number in sorted(zip(names, range(len(slices)), strict=True)):
            files[f"slice-{name + 1:02d}.dcm"] = dicom.ct_slice(
                slices[number],
                self.subject,
                number=number + 1,
                height=self.scan.heights[number],
                spacing=self.scan.spacing,
                thickness=abs(self.scan.heights[1] - self.scan.heights[0]),
                syntax=JPEGLSLossless,
            )
        return Made(files, _mask(diseased[int(np.argmin(self.scan.heights))]))


@dataclass(frozen=True, kw_only=True)
class EchoRecipe(Recipe):
    """A still ultrasound image as a PNG, or a loop of `frames` as a multi-frame DICOM file."""

    breast: Breast = field(default_factory=Breast)
    gain: float = 0.0
    frames: int = 1

    def make(self, seed: int) -> Made:
        """Return the image or the loop, and the lesion's mask on its first frame."""
        still = image(self.breast, seed, gain=self.gain)
        if self.frames == 1:
            return Made({"image.png": _png(still.values)}, _mask(still.mask))
        loop, masks = cine(still, self.frames)
        data = dicom.cine(loop, self.subject, spacing=still.spacing, syntax=JPEG2000Lossless)
        return Made({"loop.dcm": data}, _mask(masks[0] > 0))


@dataclass(frozen=True, kw_only=True)
class NoteRecipe(Recipe):
    """A clinical note."""

    note: Dictation

    def make(self, seed: int) -> Made:
        """Return the note; `seed` is not needed."""
        return Made({"note.txt": self.note.text.encode()})


@dataclass(frozen=True, kw_only=True)
class CourseRecipe(Recipe):
    """A course in intensive care, in the file that its name asks for."""

    stay: Stay
    file: str

    def make(self, seed: int) -> Made:
        """Return the course as one file."""
        write = {"stay.txt": as_physionet, "chart.csv": as_table, "bundle.json": as_bundle}[self.file]
        return Made({self.file: write(self.stay, observe(self.stay, seed))})


@dataclass(frozen=True, kw_only=True)
class GeneRecipe(Recipe):
    """A sequence: a gene of some exons and introns, or 60 bases around one junction where there are none."""

    exons: tuple[int, ...] = ()
    introns: tuple[int, ...] = ()

    def make(self, seed: int) -> Made:
        """Return the sequence as FASTA."""
        bases = gene(self.exons, self.introns, seed) if self.exons else window(donor=self.labels == DONOR, seed=seed)
        return Made({"sequence.fasta": fasta(self.case_id, bases)})


def _mask(found: NDArray[np.bool_]) -> bytes | None:
    """Return `found` as a PNG, 255 where True; None where it is True nowhere."""
    return _png(np.where(found, 255, 0).astype(np.uint8)) if found.any() else None


def _png(values: NDArray[np.uint8]) -> bytes:
    """Return a grey PNG file."""
    target = io.BytesIO()
    Image.fromarray(values).save(target, format="PNG", optimize=True)
    return target.getvalue()
