"""Names that an installation gives: patients, UIDs and days under its secret, so that no table of guesses undoes them.

HMAC-SHA-256 (RFC 2104) of what a file says; UIDs are written under the root 2.25 (PS3.5 B.2).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from uuid import UUID

from pydicom.dataset import Dataset
from pydicom.uid import UID

from engine.case import Case, Image

_GIVEN = 64  # digits of a key that was given under a secret; files' own have fewer
_LONGEST_SHIFT = 3650  # days


class Pseudonyms:
    """What an installation calls things.

    Parameters
    ----------
    secret : bytes
        32 random bytes of the installation.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def key(self, key: str) -> str:
        """The key of a patient, study or series in this installation: 64 hexadecimal digits; one given before stays."""
        return key if not key or len(key) == _GIVEN else self._digest(key).hex()

    def case(self, case: Case) -> Case:
        """The case with the keys of patient, study and series that this installation gives."""
        series = tuple(tuple(map(self._image, images)) for images in case.series)
        return case if series == case.series else replace(case, series=series)

    def _image(self, image: Image) -> Image:
        place = image.placement
        known = replace(
            place, patient=self.key(place.patient), study=self.key(place.study), series=self.key(place.series)
        )
        return image if known == place else replace(image, placement=known)

    def uid(self, uid: str) -> UID:
        """Another UID for a UID, always the same; those that the Standard has given out itself stay."""
        known = UID(uid)
        if known.name != uid:
            return known
        return UID(f"2.25.{UUID(bytes=self._digest('uid', uid)[:16], version=5).int}")

    def patient(self, header: Dataset) -> str:
        """A name for the patient of a file, 16 hexadecimal digits in capitals."""
        return self._digest("patient", *_whose(header)).hex()[:16].upper()

    def days(self, header: Dataset) -> int:
        """How many days the patient's dates are moved back: 1 to 3650."""
        return 1 + int.from_bytes(self._digest("days", *_whose(header))[:8], "big") % _LONGEST_SHIFT

    def _digest(self, *parts: str) -> bytes:
        return hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).digest()


def _whose(header: Dataset) -> tuple[str, ...]:
    """What tells patients apart: Patient ID with its issuer, else the study, else the object itself."""
    said = {keyword: str(header.get(keyword) or "").strip() for keyword in ("IssuerOfPatientID", "PatientID")}
    if said["PatientID"]:
        return said["IssuerOfPatientID"], said["PatientID"]
    alone = header.get("StudyInstanceUID") or header.get("SOPInstanceUID") or ""
    return "", "", str(alone)
