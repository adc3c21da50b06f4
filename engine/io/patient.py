"""Which files are of one patient, without knowing who that is: a hash of the DICOM Patient ID (PS3.15 annex E)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError


def patient_key(path: Path) -> str | None:
    """A key that two files of one patient share; None where the file is no DICOM file or does not say.

    Parameters
    ----------
    path : pathlib.Path
        Only its header is read.

    Returns
    -------
    str or None
        The first 16 hexadecimal digits of a SHA-256 over Patient ID (0010,0020) and its issuer (0010,0021).
    """
    try:
        header = dcmread(path, stop_before_pixels=True, specific_tags=["PatientID", "IssuerOfPatientID"])
    except InvalidDicomError:
        return None
    return patient_of(header)


def patient_of(header: Dataset) -> str | None:
    """The key of a header that was read; None where it does not say."""
    patient = str(header.get("PatientID", "")).strip()
    issuer = str(header.get("IssuerOfPatientID", "")).strip()
    return hashlib.sha256(f"{issuer}\\{patient}".encode()).hexdigest()[:16] if patient else None
