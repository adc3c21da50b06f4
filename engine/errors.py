"""Every error that Attending raises on purpose, each saying what happened and what to do next.

AttendingError
├── UploadError                 the file cannot be shown: the reader should give another one
│   ├── EmptyFile               no bytes at all
│   ├── UnknownFormat           the content is none of the formats that we read
│   ├── DamagedFile             the format is known, the content is truncated or contradicts itself
│   ├── NoPixels                a sound DICOM object that carries no image (report, plan, presentation state)
│   ├── UnsupportedContent      a sound file that asks for something we do not read (a codec, a pixel layout)
│   ├── TooLarge                more bytes, pixels, frames or files than the limits allow
│   ├── TooSlow                 reading takes longer than the limit allows
│   ├── UnsafeArchive           a zip bomb, a path that leaves the archive, nesting too deep
│   └── PasswordProtected       an encrypted PDF or zip
├── CaseError                   the case is sound, the request does not fit it
│   ├── NoSuitableTask          no model answers for this kind of case
│   ├── UnknownLabel            the label is none of the model's
│   └── NoVolume                the images do not make up a volume that could be cut in other planes
├── CheckpointError             a model folder cannot be used
│   ├── CheckpointMissing       the folder or one of its files is not there
│   └── CheckpointTampered      a file is not the one that the card vouches for (SHA-256)
├── DatasetError                a training or evaluation folder has not the expected layout
├── TrainingError               a training run cannot start or go on
│   └── AnotherRun              the folder holds a run that was begun with something else
├── StoreError                  what is to be kept cannot be, or cannot be found again
│   ├── StoreUnavailable        the database or the disk does not answer, is full or may not be written to
│   ├── StoreDamaged            a kept file is not the one that was kept (SHA-256), or its key is another one
│   ├── NotKept                 there is no such case or review
│   ├── ReviewLocked            the review is signed: only an amendment can change it
│   └── ReviewConflict          the review was changed elsewhere since it was opened
└── UsageError                  a command's words are off
"""


class AttendingError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    happened : str
        What went wrong, one sentence, without patient data.
    advice : str
        What the reader can do next, one sentence.
    """

    def __init__(self, happened: str, advice: str = "") -> None:
        super().__init__(happened, advice)
        self.happened = happened
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.happened} {self.advice}".strip()


class UploadError(AttendingError):
    """The file cannot be shown."""


class EmptyFile(UploadError):
    """The file has no bytes."""


class UnknownFormat(UploadError):
    """The content is none of the formats that we read."""


class DamagedFile(UploadError):
    """The content is truncated or contradicts itself."""


class NoPixels(UploadError):
    """A sound DICOM object without an image."""


class UnsupportedContent(UploadError):
    """A sound file that asks for something we do not read."""


class TooLarge(UploadError):
    """More bytes, pixels, frames or files than the limits allow."""


class TooSlow(UploadError):
    """Reading takes longer than the limit allows."""


class UnsafeArchive(UploadError):
    """A zip bomb, a path that leaves the archive, or nesting too deep."""


class PasswordProtected(UploadError):
    """An encrypted PDF or zip."""


class CaseError(AttendingError):
    """The case is sound, the request does not fit it."""


class NoSuitableTask(CaseError):
    """No model answers for this kind of case."""


class UnknownLabel(CaseError):
    """The label is none of the model's."""


class NoVolume(CaseError):
    """The images do not make up a volume that could be cut in other planes."""


class CheckpointError(AttendingError):
    """A model folder cannot be used."""


class CheckpointMissing(CheckpointError):
    """The model folder or one of its files is not there."""


class CheckpointTampered(CheckpointError):
    """A file is not the one that the card vouches for."""


class DatasetError(AttendingError):
    """A training or evaluation folder has not the expected layout."""


class TrainingError(AttendingError):
    """A training run cannot start or go on."""


class AnotherRun(TrainingError):
    """The folder holds a run that was begun with other settings, another seed or other cases."""


class StoreError(AttendingError):
    """What is to be kept cannot be, or cannot be found again."""


class StoreUnavailable(StoreError):
    """The database or the disk does not answer, is full or may not be written to."""


class StoreDamaged(StoreError):
    """A kept file is not the one that was kept, or its key is another one."""


class NotKept(StoreError):
    """There is no such case or review."""


class ReviewLocked(StoreError):
    """The review is signed: only an amendment can change it."""


class ReviewConflict(StoreError):
    """The review was changed elsewhere since it was opened."""


class UsageError(AttendingError):
    """A command's words are off."""
