"""What several browser tests do: files as a foreign maker writes them, and the ways to open a case."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image as Picture
from playwright.sync_api import FilePayload, Locator, Page
from playwright.sync_api import TimeoutError as NotInTime
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from engine import sample_case, sample_index, suitable_tasks, to_display

PATIENCE_MS = 120_000  # for machines that do other things too
NOTE = """CHIEF COMPLAINT: Chest pain.\n
HISTORY: <b>Bold</b> <img src=x onerror=alert(1)> <script>alert(2)</script> The patient is a 61-year-old man with
substernal chest pain radiating to the left arm, relieved by nitroglycerin. \U0001f600 He has hypertension.\n
PLAN: Cardiac catheterization of the coronary arteries; aspirin and a beta blocker."""


def film_id() -> str:
    """The first sample that the chest model answers for."""
    return next(
        entry.case_id
        for entry in sample_index()
        if any(task.name == "chest-xray" for task in suitable_tasks(sample_case(entry.case_id)))
    )


def dicom(pixels: np.ndarray, modality: str = "DX", *, series: str = "1", position: float = 0.0) -> bytes:
    """A DICOM file of 16-bit grey values, as a foreign maker would write it."""
    film = modality == "DX"
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation if film else CTImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["instance", series, str(position)])
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study", series])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=["series", series])
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Doe^Jane", "12345", modality
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.WindowCenter, dataset.WindowWidth = 32768, 65536
    dataset.PixelSpacing = [0.2, 0.2]
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, position]
    if film:
        dataset.ViewPosition, dataset.BodyPartExamined, dataset.PresentationIntentType = (
            "AP",
            "CHEST",
            "FOR PRESENTATION",
        )
    dataset.PixelData = np.ascontiguousarray(pixels, "<u2").tobytes()
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def film(size: int = 2048) -> bytes:
    """A sample film on a grid of 2048 x 2048, 16 bit."""
    grey = to_display(sample_case(film_id()).images[0])
    scaled = Picture.fromarray((grey * 65535).astype(np.float32)).resize((size, size), Picture.Resampling.BICUBIC)
    return dicom(np.clip(np.asarray(scaled), 0, 65535).astype(np.uint16))


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def upload(page: Page, address: str, *files: FilePayload) -> None:
    page.goto(f"{address}/open_case")
    page.locator("input[type=file]").set_input_files(list(files), timeout=PATIENCE_MS)


def upload_note(page: Page, address: str, *files: FilePayload) -> None:
    """Open a note for this session alone, past what was found in it."""
    upload(page, address, *files)
    page.get_by_role("button", name="Open without keeping").click(timeout=PATIENCE_MS)


def viewer_of(page: Page) -> Page:
    """Wait until the image is on the screen."""
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    return page


def open_sample(page: Page, address: str, case_id: str) -> None:
    page.goto(address)
    page.locator(f"tr[data-case='{case_id}']").click(timeout=PATIENCE_MS)
    page.locator(".viewer[data-ready='1'], .note-map[data-ready='1']").first.wait_for(timeout=PATIENCE_MS)


def open_row(page: Page, case_id: str, opened: Locator) -> None:
    """Open a case from the worklist on the screen; once more where the table was drawn anew under the pointer."""
    row = page.locator(f"tr[data-case='{case_id}']")
    row.click(timeout=PATIENCE_MS)
    try:
        opened.wait_for(timeout=PATIENCE_MS / 3)
    except NotInTime:
        row.click()
        opened.wait_for(timeout=PATIENCE_MS)


def turn_to(page: Page, tab: str, shown: Locator) -> None:
    """Turn to a pane; by way of the first one where the page was drawn anew under the click, and it stayed empty."""
    page.get_by_role("tab", name=tab).click(timeout=PATIENCE_MS)
    try:
        shown.wait_for(timeout=PATIENCE_MS / 6)
    except NotInTime:
        page.get_by_role("tab").first.click()
        page.get_by_role("tab", name=tab).click()
        shown.wait_for(timeout=PATIENCE_MS)


def of_kind(images: bool, note: bool) -> str:
    """A sample with or without images and note; the film that the model answers for where there are several."""
    modalities = {entry.case_id: set(entry.modality.split("+")) for entry in sample_index()}
    found = [name for name, held in modalities.items() if bool(held - {"NOTE"}) is images and ("NOTE" in held) is note]
    return film_id() if film_id() in found else found[0]


def choose(page: Page, box: str, option: str | int) -> None:
    """Choose from a list by name or place; one that did not open, as the page moved just then, is clicked once more."""
    offered = page.get_by_role("option")
    wanted = offered.nth(option) if isinstance(option, int) else page.get_by_role("option", name=option, exact=True)
    page.get_by_role("combobox", name=box).first.click(timeout=PATIENCE_MS)
    try:
        wanted.wait_for(timeout=PATIENCE_MS / 12)
    except NotInTime:
        page.get_by_role("combobox", name=box).first.click()
    wanted.click(timeout=PATIENCE_MS)


def take(page: Page, link: str, path: Path) -> None:
    """Download a file."""
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.get_by_role("link", name=link).click(timeout=PATIENCE_MS)
    assert taken.value.failure() is None
    taken.value.save_as(path)
