"""What the server and a reading process say to each other, over pipes: requests one way, answers the other.

A request is one byte for its kind, then lengths, name and content. An answer is JSON behind its length, and the bytes
of the arrays that it names. Nothing is pickled, and an answer is checked before it is believed: the process that gives
it has read a hostile file.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine import errors
from engine.case import Course, Image, Note, Record, Sequence
from engine.errors import UploadError
from engine.io.limits import READ_MEMORY, SEQUENCE_BYTES, Budget
from engine.packing import UNREADABLE, put_together, take_apart
from engine.words import spoken

MALFORMED = (*UNREADABLE, OSError, EOFError, MemoryError, struct.error)
"""What `read_answer` raises where the process is gone, or says what it should not."""

_REQUEST = struct.Struct("<cIQ")  # kind, length of the name, length of the content or number of the member
_LENGTH = struct.Struct("<Q")
_FILE, _MEMBER, _FORGET = b"F", b"M", b"X"
_HEAD = 4 * SEQUENCE_BYTES  # bases travel in the JSON
_KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in (Image, Note, Course, Sequence)}
_CONTENT = "content"


@dataclass(frozen=True)
class File:
    """Read this file, and if it is an archive keep it open."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Member:
    """Read one member of the archive that is open."""

    name: str
    index: int


@dataclass(frozen=True)
class Forget:
    """Close the archive that is open; it is not answered."""


@dataclass(frozen=True)
class Listing:
    """The file is an archive: the name and the unpacked bytes of each member."""

    members: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Packed:
    """The member is an archive itself: its bytes."""

    content: bytes


Request = File | Member | Forget
Found = tuple[Record, ...] | Listing | Packed
Answer = Found | UploadError


def write_request(stream: IO[bytes], request: Request) -> None:
    """Send one request."""
    if isinstance(request, Forget):
        stream.write(_REQUEST.pack(_FORGET, 0, 0))
        stream.flush()
        return
    name = request.name.encode("utf-8", "surrogatepass")
    if isinstance(request, Member):
        stream.write(_REQUEST.pack(_MEMBER, len(name), request.index) + name)
    else:
        stream.write(_REQUEST.pack(_FILE, len(name), len(request.content)) + name)
        stream.write(request.content)
    stream.flush()


def read_request(stream: IO[bytes]) -> Request | None:
    """Receive one request; None where there will be none any more."""
    head = stream.read(_REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    kind, length, number = _REQUEST.unpack(head)
    if kind == _FORGET:
        return Forget()
    name = stream.read(length).decode("utf-8", "surrogatepass")
    return Member(name, number) if kind == _MEMBER else File(name, stream.read(number))


def write_answer(stream: IO[bytes], answer: Answer) -> None:
    """Send one answer."""
    arrays: dict[str, NDArray[Any]] = {}
    head = _plain(answer, arrays)
    head["arrays"] = [[key, array.dtype.str, array.shape] for key, array in arrays.items()]
    text = json.dumps(head).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for array in arrays.values():
        stream.write(array.reshape(-1).view(np.uint8).data)  # as they lie in memory, without a copy
    stream.flush()


def _plain(answer: Answer, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    if isinstance(answer, UploadError):
        return {"error": type(answer).__name__, "happened": answer.happened, "advice": answer.advice}
    if isinstance(answer, Listing):
        return {"members": answer.members}
    if isinstance(answer, Packed):
        arrays[_CONTENT] = np.frombuffer(answer.content, np.uint8)
        return {"packed": True}
    return {"records": [[type(record).__name__, take_apart(record, arrays)] for record in answer]}


def read_answer(stream: IO[bytes], budget: Budget | None = None) -> Answer:
    """Receive one answer; raises one of `MALFORMED` where none comes that makes sense.

    Parameters
    ----------
    budget : Budget, optional
        The allowance from which the answer is taken before memory is.

    Raises
    ------
    TooLarge
        Where the budget does not suffice: the answer is not taken from the stream.
    """
    budget = Budget() if budget is None else budget
    length = int(_LENGTH.unpack(_exactly(stream, _LENGTH.size))[0])
    if length > _HEAD:
        raise ValueError("the answer is too long")
    budget.hold(length)
    head = json.loads(_exactly(stream, length))
    budget.hold(sum(_size(np.dtype(dtype), shape) for _, dtype, shape in head["arrays"]))
    arrays = {str(key): _array(stream, np.dtype(dtype), shape) for key, dtype, shape in head["arrays"]}
    if "error" in head:
        kind = getattr(errors, head["error"])
        if not issubclass(kind, UploadError):
            raise TypeError("the answer is no error of an upload")
        error: UploadError = kind(spoken(str(head["happened"])), spoken(str(head["advice"])))
        return error
    if "members" in head:
        return Listing(tuple((str(name), int(size)) for name, size in head["members"]))
    if "packed" in head:
        return Packed(arrays[_CONTENT].tobytes())
    return tuple(put_together(plain, arrays, _KINDS[kind]) for kind, plain in head["records"])


def _size(kind: np.dtype[Any], shape: list[int]) -> int:
    size = math.prod(shape) * kind.itemsize
    if kind.kind not in "biuf" or min(shape, default=0) < 0 or size > READ_MEMORY:
        raise ValueError("the answer holds no array of numbers")
    return size


def _array(stream: IO[bytes], kind: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    array = np.empty(shape, kind)
    view = array.reshape(-1).view(np.uint8).data
    if stream.readinto(view) != len(view):  # type: ignore[attr-defined]
        raise EOFError
    return array


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
