"""Files by their digest: sealed or not, whole or not at all, and never another one's."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.store.blobs import Blobs, new_key, read_key

KEY, OTHER = bytes(32), bytes(range(32))
CONTENT = b"The words of a note about a patient."

KILLED_BEFORE_THE_NAME = """
import os, signal, sys
from pathlib import Path
from engine.store.blobs import Blobs
Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
Blobs(Path(sys.argv[1])).put(b"unfinished")
"""


def the_file(folder: Path) -> Path:
    (path,) = folder.glob("??/*")
    return path


@pytest.mark.parametrize("key", [None, KEY])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(content=st.binary(max_size=3000))
def test_content_comes_back(tmp_path: Path, key: bytes | None, content: bytes) -> None:
    blobs = Blobs(tmp_path, key)
    digest = blobs.put(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert blobs.put(content) == digest
    assert blobs.get(digest) == content
    assert blobs.sealed(digest) is (key is not None)


def test_with_a_key_no_content_lies_in_clear(tmp_path: Path) -> None:
    Blobs(tmp_path, KEY).put(CONTENT)
    assert CONTENT[:12] not in the_file(tmp_path).read_bytes()
    assert the_file(tmp_path).stat().st_mode & 0o077 == 0


def test_the_same_content_is_sealed_anew_each_time(tmp_path: Path) -> None:
    sealed = {Blobs(tmp_path / name, KEY).put(CONTENT) and the_file(tmp_path / name).read_bytes() for name in "ab"}
    assert len(sealed) == 2


@pytest.mark.parametrize(("key", "said"), [(None, "no key was given"), (OTHER, "another key")])
def test_without_the_key_nothing_is_read(tmp_path: Path, key: bytes | None, said: str) -> None:
    digest = Blobs(tmp_path, KEY).put(CONTENT)
    with pytest.raises(StoreDamaged, match=said):
        Blobs(tmp_path, key).get(digest)


@pytest.mark.parametrize("key", [None, KEY])
def test_every_changed_byte_is_found(tmp_path: Path, key: bytes | None) -> None:
    blobs = Blobs(tmp_path, key)
    digest = blobs.put(CONTENT)
    kept = the_file(tmp_path).read_bytes()
    for place in range(len(kept)):
        the_file(tmp_path).write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
        with pytest.raises(StoreDamaged):
            blobs.get(digest)
    for length in range(len(kept)):
        the_file(tmp_path).write_bytes(kept[:length])
        with pytest.raises(StoreDamaged):
            blobs.get(digest)


@pytest.mark.parametrize("key", [None, KEY])
def test_exchanged_files_are_found(tmp_path: Path, key: bytes | None) -> None:
    blobs = Blobs(tmp_path, key)
    one, two = (tmp_path / digest[:2] / digest for digest in (blobs.put(b"one"), blobs.put(b"two")))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    for path in (one, two):
        with pytest.raises(StoreDamaged):
            blobs.get(path.name)


def test_a_file_that_cannot_be_read_any_more_is_written_anew(tmp_path: Path) -> None:
    """Damaged, sealed with another key, or kept in clear before there was a key."""
    blobs = Blobs(tmp_path, KEY)
    digest = blobs.put(CONTENT)
    the_file(tmp_path).write_bytes(b"damaged")
    blobs.put(CONTENT)
    assert blobs.get(digest) == CONTENT
    Blobs(tmp_path, OTHER).put(CONTENT)
    blobs.put(CONTENT)
    assert blobs.get(digest) == CONTENT
    the_file(tmp_path).unlink()
    Blobs(tmp_path).put(CONTENT)
    assert not blobs.sealed(digest)
    blobs.put(CONTENT)
    assert blobs.sealed(digest)


def test_a_file_taken_away_between_two_looks_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(CONTENT)
    monkeypatch.setattr(os, "utime", lambda path: (path.unlink(), path.stat()))
    assert blobs.put(CONTENT) == digest
    assert blobs.get(digest) == CONTENT


def test_killed_before_the_name_nothing_is_there(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_NAME, str(tmp_path)], capture_output=True)
    assert killed.returncode == -9
    assert the_file(tmp_path).suffix == ".part"
    with pytest.raises(StoreDamaged, match="missing"):
        Blobs(tmp_path).get(hashlib.sha256(b"unfinished").hexdigest())


def test_sweeping_takes_what_is_old_and_nobodys(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    kept, stale, young, again = (blobs.put(b"%d" % number) for number in range(4))
    unfinished = tmp_path / kept[:2] / f"{kept}.part"
    unfinished.write_bytes(b"half")
    long_ago = time.time() - 7200
    for path in (*(tmp_path / digest[:2] / digest for digest in (kept, stale, again)), unfinished):
        os.utime(path, (long_ago, long_ago))
    blobs.put(b"3")  # somebody is about to refer to it again
    assert blobs.sweep(frozenset({kept})) == 2
    assert {path.name for path in tmp_path.glob("??/*")} == {kept, young, again}
    assert Blobs(tmp_path / "not there yet").sweep(frozenset()) == 0


def test_removing_twice_is_no_fault(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(CONTENT)
    blobs.remove(digest)
    blobs.remove(digest)
    assert not blobs.has(digest)
    assert not blobs.sealed(digest)


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "full"), (errno.EROFS, "cannot be used")])
def test_a_disk_that_refuses_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """The same on a real full disk and a real folder of somebody else's: see the tests of faults."""

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    (tmp_path / hashlib.sha256(CONTENT).hexdigest()[:2]).mkdir()
    with pytest.raises(StoreUnavailable, match=said):
        Blobs(tmp_path).put(CONTENT)
    assert list(tmp_path.glob("??/*")) == []


def test_keys_are_32_bytes_in_base64() -> None:
    assert len(read_key(new_key())) == 32
    assert read_key(f" {new_key()}\n")
    assert new_key() != new_key()
    for wrong in ("", "abc", "é" * 44, "A" * 40, new_key() + "AAAA"):
        with pytest.raises(StoreError, match="attending store key"):
            read_key(wrong)
