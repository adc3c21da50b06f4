from __future__ import annotations

import pytest

from engine.errors import EmptyFile, TooLarge, UnknownFormat, UploadError
from engine.io.encodings import decode_text
from engine.io.note import read_note

TEXT = "Findings: fièvre, 37 °C, naïve.\nImpression: no acute disease.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_encodings(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    note = read_note("note.txt", mark + TEXT.encode(encoding))
    assert note.text == TEXT
    assert (note.name, note.format) == ("note.txt", "text")


def test_lines_end_in_line_feeds() -> None:
    assert read_note("x", b"one\r\ntwo\rthree\x1a").text == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\0\1\2\3" * 20, UnknownFormat),
        (bytes(range(256)), UnknownFormat),
        (bytes(byte | 0x80 for byte in range(200)), UnknownFormat),
        (b"\xff\xfe\x00", UnknownFormat),
        (b"GIF89a\x01\x00\x01\x00", UnknownFormat),
        (b" \n\t ", EmptyFile),
        (b"word " * 1_000_000, TooLarge),
        (b"\0" * 5_000_000, UnknownFormat),
    ],
)
def test_what_is_no_note_is_refused(data: bytes, kind: type[UploadError]) -> None:
    with pytest.raises(kind):
        read_note("x", data)


def test_a_long_text_cut_within_a_character_is_still_text() -> None:
    with pytest.raises(TooLarge):
        read_note("x", b"x" + "é".encode() * 1_000_000)


def test_utf_16_without_its_mark() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read_note("x", TEXT.encode(encoding)).text == TEXT


OTHER_SCRIPTS = {
    "gb18030": "主诉：咳嗽、发热三天。现病史：患者三天前无明显诱因出现咳嗽。诊断：右下肺炎。",
    "big5": "主訴：咳嗽、發燒三天。現病史：患者三天前無明顯誘因出現咳嗽。診斷：右下肺炎。",
    "cp932": "主訴：三日前からの咳嗽と発熱。胸部X線で右下肺野に浸潤影を認める。診断：肺炎。",
    "cp1251": "Жалобы: кашель, температура три дня. Заключение: норма. Диагноз: пневмония.",
}


@pytest.mark.parametrize("encoding", OTHER_SCRIPTS)
def test_other_scripts_are_read_as_they_were_written(encoding: str) -> None:
    text = OTHER_SCRIPTS[encoding]
    assert read_note("x", text.encode(encoding)).text == text
    assert decode_text(text.encode(encoding)[:31], cut=True)


def test_a_few_chinese_words_in_an_english_note_are_no_accents() -> None:
    text = f"{TEXT.replace('è', 'e').replace('ï', 'i').replace('°', '')}Patient says: 咳嗽、发热三天。\n"
    assert read_note("x", text.encode("gb18030")).text == text
