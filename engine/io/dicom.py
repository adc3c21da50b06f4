"""One DICOM object to one `Image`: modality values, the views that it offers, geometry and allow-listed tags.

Source: PS3.3 C.7.6.3 (Image Pixel), C.11 (LUTs), C.7.6.16 (multi-frame functional groups).
"""

from __future__ import annotations

import hashlib

import numpy as np
from pydicom.dataset import FileDataset

from engine.case import Image, Pixels, Window
from engine.io.dicom_file import numbers, read_dataset
from engine.io.dicom_pixels import Layout, is_little_endian, read_layout, read_pixels
from engine.io.dicom_tags import read_laterality, read_placement, read_tags, read_unit, read_view
from engine.io.geometry import read_lattice, read_orientation, read_spacing
from engine.io.seam import reading
from engine.io.voi import full_range, read_voi_luts, read_windows
from engine.words import mark


def read_dicom(name: str, data: bytes) -> Image:
    """Read one DICOM object.

    Parameters
    ----------
    name : str
        Kept as the image's name; nothing is decided by it.
    data : bytes
        The whole file, with or without preamble.

    Raises
    ------
    NoPixels, DamagedFile, UnsupportedContent, TooLarge
        See `engine.errors`.
    """
    with reading(mark("DICOM object")):
        ds = read_dataset(data)
        layout = read_layout(ds)
        pixels = read_pixels(ds, layout)
        tags = read_tags(ds)
        grey = pixels.ndim == 3
        return Image(
            pixels=pixels,
            digest=hashlib.sha256(data).hexdigest(),
            name=name,
            format="DICOM",
            windows=_windows(ds, layout, pixels) if grey else (),
            voi_luts=read_voi_luts(ds, little_endian=is_little_endian(ds)) if grey else (),
            inverted=layout.photometric == "MONOCHROME1",
            unit=read_unit(ds) if grey else "",
            spacing=read_spacing(ds),
            modality=tags.get("Modality", ""),
            view=read_view(ds),
            laterality=read_laterality(ds),
            orientation=read_orientation(ds),
            lattice=read_lattice(ds, len(pixels)),
            placement=read_placement(ds),
            tags=tags,
        )


def _windows(ds: FileDataset, layout: Layout, pixels: Pixels) -> tuple[Window, ...]:
    """The file's windows; where it has none, the stored range of small images and the values' range of others.

    Maps of floats get their full range too: many carry a linear window of width 1, which by its formula is a threshold.
    """
    offered = read_windows(ds, layout.frames)
    if offered:
        return offered if layout.keyword == "PixelData" else (*offered, full_range(pixels))
    stored = pixels.dtype == np.uint8 and pixels.max() < 2**layout.stored
    padding = numbers(ds, "PixelPaddingValue")
    return (full_range(pixels, padding=padding[0] if padding else None, bits=layout.stored if stored else None),)
