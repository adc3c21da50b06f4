from __future__ import annotations

import gzip
import stat
import zipfile
from io import BytesIO
from typing import Any

import pytest

from engine.case import Note
from engine.errors import (
    DamagedFile,
    EmptyFile,
    PasswordProtected,
    TooLarge,
    UnsafeArchive,
    UnsupportedContent,
    UploadError,
)
from engine.io import archive, limits
from engine.io.archive import is_clutter, is_gzip, is_zip, unpack_gzip
from engine.io.upload import Refusal, open_upload, read_upload


def make_zip(members: dict[str, bytes], **options: Any) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_members_are_read_in_order_of_name_and_named_by_their_path() -> None:
    records = read_upload("drop.zip", make_zip({"b/2.txt": b"two", "a/1.txt": b"one", "empty/": b""}))
    assert [(record.name, record.text) for record in records if isinstance(record, Note)] == [
        ("drop.zip/a/1.txt", "one"),
        ("drop.zip/b/2.txt", "two"),
    ]


def test_members_that_cannot_be_read_are_named_and_the_others_kept() -> None:
    data = make_zip({"good.txt": b"fine", "bad.bin": bytes(100), "none.txt": b""})
    outcomes = list(open_upload("x.zip", data))
    refused = {outcome.name: type(outcome.error).__name__ for outcome in outcomes if isinstance(outcome, Refusal)}
    assert refused == {"x.zip/bad.bin": "UnknownFormat", "x.zip/none.txt": "EmptyFile"}
    assert len(read_upload("x.zip", data)) == 1


def test_clutter_of_operating_systems_is_passed_over() -> None:
    data = make_zip({"__MACOSX/._a.txt": b"\0", ".DS_Store": b"\0", "d/Thumbs.db": b"\0", "a.txt": b"fine"})
    assert len(list(open_upload("x", data))) == 1
    assert is_clutter("a/.hidden")
    assert not is_clutter("a/b.dcm")


@pytest.mark.parametrize("path", ["../evil.txt", "a/../../evil.txt", "/etc/evil", "C:\\evil.txt", "a\\..\\..\\evil"])
def test_paths_that_lead_out_are_refused(path: str) -> None:
    with pytest.raises(UnsafeArchive, match="path"):
        read_upload("x", make_zip({"good.txt": b"fine", path: b"evil"}))


def test_links_are_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive):
        read_upload("x", buffer.getvalue())


def test_bombs_are_refused_before_they_unpack() -> None:
    with pytest.raises(UnsafeArchive):
        read_upload("x", make_zip({"bomb.txt": bytes(80 * limits.MIB)}))


def test_bombs_of_many_archives_share_one_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = make_zip({f"{index}.txt": b"word " * 200 for index in range(10)})
    data = make_zip({f"{index}.zip": inner for index in range(10)})
    assert len(read_upload("x", data)) == 100
    monkeypatch.setattr(limits.Budget.__init__, "__defaults__", (10_000, 50_000, 5, limits.DROP_BYTES))
    with pytest.raises(UnsafeArchive):
        read_upload("x", data)


def test_archives_within_archives_within_archives_are_refused() -> None:
    data = b"deep"
    for _ in range(3):
        data = make_zip({"inner.zip" if is_zip(data) else "note.txt": data})
    with pytest.raises(UnsafeArchive):
        read_upload("x", data)


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.Budget.__init__, "__defaults__", (3, 10_000, 5, limits.DROP_BYTES))
    with pytest.raises(TooLarge):
        read_upload("x", make_zip({f"{index}.txt": b"word" for index in range(4)}))


def _encrypted() -> bytes:
    data = bytearray(make_zip({"a.txt": b"secret"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (_encrypted(), PasswordProtected),
        (make_zip({}), EmptyFile),
        (make_zip({"a.txt": b"fine"})[:-10], DamagedFile),
        (b"PK\x03\x04" + bytes(100), DamagedFile),
        (make_zip({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), UnsupportedContent),
    ],
    ids=["password", "empty", "truncated", "no directory", "office"],
)
def test_archives_that_cannot_be_read(data: bytes, kind: type[UploadError]) -> None:
    with pytest.raises(kind):
        read_upload("x", data)


def test_a_member_whose_sum_is_wrong_is_damage() -> None:
    data = make_zip({"a.txt": b"Findings: none, all clear."})
    broken = bytearray(data)
    broken[14] ^= 0xFF
    broken[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    with pytest.raises(DamagedFile):
        read_upload("x", bytes(broken))


@pytest.mark.parametrize(
    "content", [gzip.compress(b"ACGT" * 1000)[:-20], gzip.compress(b"ACGT")[:10] + b"\xff" * 8], ids=["cut", "noise"]
)
def test_a_damaged_gzip_file_is_told(content: bytes) -> None:
    assert is_gzip(content)
    with pytest.raises(DamagedFile, match="cannot be unpacked"):
        unpack_gzip(content)


def test_a_gzip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FROM", 1000)
    with pytest.raises(UnsafeArchive, match="would unpack to more than"):
        unpack_gzip(gzip.compress(bytes(10_000_000)))
