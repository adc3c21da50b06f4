"""The sample cases: children's chests, breasts, notes and courses, each with its ground truth."""

from __future__ import annotations

from dataclasses import replace

from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from sample_data.consultation import CONSULTATION
from sample_data.dicom import Photometric
from sample_data.film import Exposure
from sample_data.monitor import Stay
from sample_data.monitor_lines import CHARTED_BADLY, MENDING, WORSENING
from sample_data.notes import (
    CHEST_REPORT,
    CLEAR_CHEST,
    COLONOSCOPY,
    HEART_FAILURE,
    KNEE,
    PNEUMONIA,
    STONE,
    WELL_CHILD,
    Dictation,
)
from sample_data.recipes import CourseRecipe, EchoRecipe, FilmRecipe, GeneRecipe, NoteRecipe, Recipe, ScanRecipe
from sample_data.scanner import Scan
from sample_data.thorax import Build, Opacity
from sample_data.ultrasound import Breast, Kind, Lesion

NORMAL, BACTERIAL, VIRAL = ("normal",), ("bacterial pneumonia",), ("viral pneumonia",)

NORMAL_FILMS = (
    FilmRecipe(
        case_id="chest-normal-1",
        title="Chest radiograph, cough after a cold",
        modality="DX",
        labels=NORMAL,
        question="Is this a chest or a brain?",
        age="004Y",
        build=Build(width=1.02, heart=0.92, breath=10.0, chin=80.0, fat=3.5),
        exposure=Exposure(rows=1024, columns=1344, spacing=0.2, centre=-4.0, scatter=0.12, contrast=2.1, gamma=0.65),
        syntax=ExplicitVRLittleEndian,
    ),
    FilmRecipe(
        case_id="chest-normal-2",
        title="Chest radiograph before surgery",
        modality="CR",
        labels=NORMAL,
        age="002Y",
        sex="F",
        build=Build(heart=0.94, breath=9.0, arms=54.0, chin=78.0, lean=1.5, fat=3.5, bubble=(12.0, 10.0)),
        exposure=Exposure(
            rows=1200, columns=1552, spacing=0.172, centre=-3.0, scatter=0.12, contrast=2.2, gamma=0.62, quanta=7000.0
        ),
        photometric=Photometric.WHITE,
    ),
    FilmRecipe(
        case_id="chest-normal-3",
        title="Chest radiograph, screening of contacts",
        modality="DX",
        labels=NORMAL,
        age="005Y",
        build=Build(heart=0.9, breath=12.0, arms=72.0, chin=84.0, lean=-1.0, fat=3.5, bubble=(20.0, 7.0)),
        exposure=Exposure(
            rows=2048,
            columns=2048,
            spacing=0.13,
            centre=-5.0,
            scatter=0.12,
            contrast=2.2,
            gamma=0.65,
            border=(3.0, 3.0, 16.0, 20.0),
            marker="L",
        ),
    ),
)

RIGHT_UPPER = Opacity((-47.0, 30.0, 6.0), (36.0, 32.0, 42.0), edge=4.0, fissure=(8.0, 0.12))
RIGHT_MIDDLE = Opacity((-30.0, -20.0, 26.0), (40.0, 24.0, 24.0), edge=5.0, fissure=(4.0, 0.0))
RIGHT_LOWER = Opacity((-52.0, -38.0, -14.0), (38.0, 30.0, 32.0), edge=7.0, ragged=6.0)
RIGHT_BASE = Opacity((-58.0, -44.0, -22.0), (30.0, 24.0, 28.0), edge=7.0, ragged=6.0)
LEFT_LOWER = Opacity((42.0, -40.0, -24.0), (40.0, 32.0, 26.0), edge=7.0, ragged=6.0)


def _lobar(place: Opacity) -> tuple[Opacity, ...]:
    """Return the consolidation of a lobe: as dense as soft tissue, sharply bounded, its airways left full of air."""
    return (replace(place, density=1.05, edge=4.0, ragged=4.0),)


BACTERIAL_FILMS = (
    FilmRecipe(
        case_id="chest-bacterial-1",
        title="Chest radiograph, high fever for three days",
        modality="DX",
        labels=BACTERIAL,
        build=Build(width=0.94, heart=1.15, breath=-6.0, arms=-62.0, chin=104.0, fat=4.0, opacities=_lobar(RIGHT_BASE)),
        exposure=Exposure(rows=1024, columns=1280, spacing=0.21, scatter=1.0, quanta=5000.0, contrast=0.8),
        syntax=JPEGLSLossless,
    ),
    FilmRecipe(
        case_id="chest-bacterial-2",
        title="Chest radiograph at the bedside, fever and grunting",
        modality="CR",
        labels=BACTERIAL,
        age="001Y",
        sex="F",
        build=Build(width=0.93, breath=-8.0, arms=-62.0, chin=104.0, lean=2.0, fat=3.5, opacities=_lobar(LEFT_LOWER)),
        exposure=Exposure(rows=960, columns=1120, spacing=0.225, scatter=1.1, quanta=3500.0, contrast=0.8),
        photometric=Photometric.WHITE,
        syntax=RLELossless,
    ),
    FilmRecipe(
        case_id="chest-bacterial-3",
        title="Chest radiograph, cough and pain on the right",
        modality="DX",
        labels=BACTERIAL,
        age="005Y",
        build=Build(width=0.98, arms=-66.0, chin=108.0, lean=-1.5, opacities=(RIGHT_MIDDLE,)),
        exposure=Exposure(rows=1088, columns=1392, spacing=0.195, scatter=0.7, quanta=5000.0, contrast=1.0),
    ),
)


def _perihilar(reach: float, density: float) -> tuple[Opacity, ...]:
    """Return thickened interstitium spreading `reach` mm from both hila."""
    return tuple(
        Opacity(
            (side * 27.0, -2.0, -2.0),
            (reach, 1.15 * reach, reach),
            density=density,
            edge=16.0,
            ragged=10.0,
            strands=0.8,
        )
        for side in (-1.0, 1.0)
    )


STREAK = Opacity((-34.0, -30.0, 10.0), (17.0, 7.0, 18.0), density=0.8, edge=4.0, ragged=4.0)

VIRAL_FILMS = (
    FilmRecipe(
        case_id="chest-viral-1",
        title="Chest radiograph, wheeze and runny nose",
        modality="DX",
        labels=VIRAL,
        age="001Y",
        build=Build(width=0.95, breath=7.0, arms=-60.0, chin=90.0, opacities=(*_perihilar(40.0, 0.8), STREAK)),
        exposure=Exposure(rows=1024, columns=1216, spacing=0.21, scatter=0.7, quanta=5000.0, contrast=1.1),
    ),
    FilmRecipe(
        case_id="chest-viral-2",
        title="Chest radiograph, five days of dry cough",
        modality="CR",
        labels=VIRAL,
        age="002Y",
        sex="F",
        build=Build(heart=1.04, breath=4.0, arms=58.0, chin=84.0, lean=-2.0, opacities=_perihilar(46.0, 0.85)),
        exposure=Exposure(rows=1100, columns=1400, spacing=0.19, scatter=0.7, quanta=4500.0, contrast=1.1),
        syntax=JPEGLSLossless,
    ),
)

PAIR = FilmRecipe(
    case_id="chest-and-note-1",
    title="Chest radiograph with the emergency note",
    modality="DX+NOTE",
    labels=BACTERIAL + PNEUMONIA.specialties,
    build=Build(width=0.96, arms=-55.0, chin=100.0, opacities=(RIGHT_LOWER,)),
    exposure=Exposure(rows=1024, columns=1312, spacing=0.205, scatter=0.75, quanta=5000.0, contrast=1.0),
    syntax=JPEGLSLossless,
    note=PNEUMONIA,
)

AT_ODDS = FilmRecipe(
    case_id="chest-and-note-2",
    title="Chest radiograph with a note that does not fit it",
    modality="DX+NOTE",
    labels=BACTERIAL + WELL_CHILD.specialties,
    age="004Y",
    sex="F",
    build=Build(width=0.97, arms=-60.0, chin=104.0, fat=5.0, opacities=(LEFT_LOWER,)),
    exposure=Exposure(rows=1024, columns=1280, spacing=0.205, scatter=0.75, quanta=5000.0, contrast=1.0),
    syntax=JPEGLSLossless,
    note=WELL_CHILD,
)

SLICES = ScanRecipe(
    case_id="chest-ct-1",
    title="Chest CT, consolidation of the right upper lobe",
    modality="CT",
    labels=(),
    question="What plane is this?",
    build=Build(arms=75.0, chin=110.0, opacities=(RIGHT_UPPER,)),
    scan=Scan(heights=tuple(float(y) for y in range(-75, 50, 5))),
)

ECHOES = (
    EchoRecipe(
        case_id="breast-normal-1",
        title="Breast ultrasound, tenderness without a lump",
        modality="US",
        labels=("normal",),
        age="034Y",
        sex="F",
        breast=Breast(fat=7.0, gland=20.0),
    ),
    EchoRecipe(
        case_id="breast-benign-1",
        title="Breast ultrasound, round lump that moves",
        modality="US",
        labels=("benign",),
        question="What modality is this?",
        age="045Y",
        sex="F",
        breast=Breast(fat=8.0, gland=22.0, lesion=Lesion(Kind.CYST, (-4.0, 13.5), (7.5, 4.6), 4.0)),
    ),
    EchoRecipe(
        case_id="breast-malignant-1",
        title="Breast ultrasound, hard lump",
        modality="US",
        labels=("malignant",),
        age="061Y",
        sex="F",
        breast=Breast(fat=10.0, gland=23.0, lesion=Lesion(Kind.CARCINOMA, (2.0, 15.0), (6.0, 7.0), 15.0)),
        gain=2.0,
    ),
    EchoRecipe(
        case_id="breast-loop-1",
        title="Breast ultrasound loop under compression",
        modality="US",
        labels=("benign",),
        age="027Y",
        sex="F",
        breast=Breast(depth=34.0, fat=7.5, gland=21.0, lesion=Lesion(Kind.FIBROADENOMA, (3.0, 13.0), (8.5, 4.6), 6.0)),
        frames=16,
    ),
)


def _note(case_id: str, title: str, note: Dictation) -> NoteRecipe:
    labels = note.specialties + note.treatments + note.problems
    return NoteRecipe(case_id=case_id, title=title, modality="NOTE", labels=labels, note=note)


NOTES = (
    _note("note-consultation-1", "Cardiology consultation, long", CONSULTATION),
    _note("note-colonoscopy-1", "Colonoscopy report", COLONOSCOPY),
    _note("note-knee-1", "Knee arthroscopy, operative report", KNEE),
    _note("note-stone-1", "Urology follow-up", STONE),
    _note("note-heart-failure-1", "Heart failure clinic, with allergies and a failing kidney", HEART_FAILURE),
    _note("note-chest-report-1", "Chest X-ray report without its impression", CHEST_REPORT),
    _note("note-chest-report-2", "Findings of a clear chest", CLEAR_CHEST),
)

COURSES = (
    CourseRecipe(
        case_id="course-septic-1",
        title="Intensive care, pneumonia with shock from the eleventh hour on",
        modality="COURSE",
        labels=("death",),
        stay=Stay({"Age": 71, "Gender": 1}, WORSENING),
        file="chart.csv",
    ),
    CourseRecipe(
        case_id="course-stable-1",
        title="Intensive care, two days after a bypass operation",
        modality="COURSE",
        labels=(),
        stay=Stay({"Age": 64, "Gender": 0, "Height": 167.6, "ICUType": 2}, MENDING),
        file="stay.txt",
    ),
    CourseRecipe(
        case_id="course-errors-1",
        title="Intensive care, a chart with impossible values",
        modality="COURSE",
        labels=(),
        stay=Stay(
            {"Age": 58, "Gender": 1},
            CHARTED_BADLY,
            slips=(
                (6.2, "SysABP", 0.0),
                (6.2, "DiasABP", 0.0),
                (6.2, "MAP", 0.0),
                (6.3, "MAP", 295.0),
                (14.0, "HR", 880.0),
                (20.5, "pH", 735.0),
                (26.0, "Glucose", 126.0),
                (26.0, "Glucose", 162.0),
                (30.0, "SpO2", 96.0),
                (33.0, "Temp", 18.0),
            ),
        ),
        file="bundle.json",
    ),
)

GENES = (
    GeneRecipe(
        case_id="sequence-gene-1",
        title="Gene of four exons",
        modality="DNA",
        labels=("exon-intron", "intron-exon"),
        exons=(240, 150, 180, 320),
        introns=(480, 360, 610),
    ),
    GeneRecipe(case_id="sequence-donor-1", title="Window around a donor site", modality="DNA", labels=("exon-intron",)),
    GeneRecipe(
        case_id="sequence-acceptor-1", title="Window around an acceptor site", modality="DNA", labels=("intron-exon",)
    ),
)

CASES: tuple[Recipe, ...] = (
    *BACTERIAL_FILMS[:1],
    *NORMAL_FILMS[:1],
    PAIR,
    AT_ODDS,
    *VIRAL_FILMS,
    *BACTERIAL_FILMS[1:],
    *NORMAL_FILMS[1:],
    SLICES,
    *ECHOES,
    *NOTES,
    *COURSES,
    *GENES,
)
