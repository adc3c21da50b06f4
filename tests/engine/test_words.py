"""The catalogues: whole, true to their places for values, compiled; and each context speaks its own language."""

from __future__ import annotations

import ast
import contextvars
import io
import os
import re
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from engine import LANGUAGES, TASKS, errors, language, recorded, shipped_card, speaking, spoken, tr, trn
from engine.errors import EmptyFile
from engine.io.upload import read_upload
from engine.results import Call, Finding
from engine.wording import count, sum_up

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "engine/locales"
DOMAINS = ("engine", "dashboard")
KEYWORDS = parse_keywords(["tr", "trn:1,2", "mark", "recorded", "_V:2"])
OTHERS = [name for name in LANGUAGES if name != "en"]
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)} - {
    "AnotherRun", "DatasetError", "TrainingError", "UsageError",  # of training and of commands, which speak English
}  # fmt: skip
COMMANDS = {
    "engine/commands.py", "engine/deidentify/commands.py", "engine/deidentify/making.py",
    "engine/deidentify_commands.py", "engine/doctor.py", "engine/evaluation/evaluate.py", "engine/installation.py",
    "engine/literature/commands.py", "engine/serve.py", "engine/store_commands.py",
    "engine/tasks/__init__.py", "engine/tasks/image_classifier.py", "engine/training_commands.py",
}  # fmt: skip
EACH = pytest.mark.parametrize(("name", "domain"), [(name, domain) for name in OTHERS for domain in DOMAINS])


def _catalogue(name: str, domain: str) -> Catalog:
    with (LOCALES / name / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=name)


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in {"dashboard", "engine", "sample_data"}


def _forms(said: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _places(sentence: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, how, kind) for _, name, how, kind in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("domain", DOMAINS)
def test_all_that_is_said_is_translated_and_nothing_else(domain: str) -> None:
    mapping, options = parse_mapping_cfg(io.StringIO((LOCALES / f"{domain}.cfg").read_text("utf-8")))
    found = extract_from_dir(ROOT, mapping, options, keywords=KEYWORDS, directory_filter=_is_ours)  # type: ignore[arg-type]
    said = {message for _, _, message, _, _ in found}
    for name in OTHERS:
        known: dict[str | tuple[str, ...], Message] = {message.id: message for message in _catalogue(name, domain)}
        known.pop("")
        assert said == set(known)
        assert not [one for one, message in known.items() if message.fuzzy or not all(_forms(message.string))]


@EACH
def test_a_translation_has_the_places_of_its_sentence(name: str, domain: str) -> None:
    for message in _catalogue(name, domain):
        *_, sentence = _forms(message.id)
        for said in _forms(message.string) if sentence else ():
            assert "{" not in sentence or _places(said) == _places(sentence), sentence


@EACH
def test_what_is_compiled_is_what_is_written(name: str, domain: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue(name, domain))
    assert compiled.getvalue() == (LOCALES / name / "LC_MESSAGES" / f"{domain}.mo").read_bytes()


@pytest.mark.parametrize("name", OTHERS)
def test_both_rooms_say_the_same_sentence_alike(name: str) -> None:
    ours, theirs = ({message.id: message.string for message in _catalogue(name, domain)} for domain in DOMAINS)
    shared = (ours.keys() & theirs.keys()) - {""}
    assert {one: ours[one] for one in shared} == {one: theirs[one] for one in shared}


def _bare(source: str) -> list[str]:
    """The words of errors that a reader may meet and that no catalogue is asked for."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    raised = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ERRORS]
    given = [argument for call in raised for argument in call.args]
    return [ast.unparse(one) for one in given if isinstance(one, ast.JoinedStr | ast.Constant | ast.BinOp)]


def test_no_error_that_a_reader_meets_is_told_in_english_alone() -> None:
    rooms = [path for path in (ROOT / "engine").rglob("*.py") if path.relative_to(ROOT).as_posix() not in COMMANDS]
    bare = {path.name: _bare(path.read_text("utf-8")) for path in rooms}
    assert not {name: said for name, said in bare.items() if said}


def test_an_error_in_english_alone_is_found() -> None:
    assert _bare('raise EmptyFile("The file is empty.", tr("Drop another."))') == ["'The file is empty.'"]
    assert _bare('raise TooLarge(f"It has {n} files.")') == ["f'It has {n} files.'"]
    assert not _bare('raise DatasetError("There is no folder.")')


def test_an_error_is_told_in_the_language_of_the_page() -> None:
    with speaking("zh_CN"), pytest.raises(EmptyFile) as caught:
        read_upload("note.txt", b" \n")
    assert (caught.value.happened, caught.value.advice) == ("病历中没有文字。", "请上传含有文字的病历，或直接粘贴。")
    with pytest.raises(EmptyFile, match=r"The note has no text\."):
        read_upload("note.txt", b" \n")


def test_numbers_and_findings_are_counted_in_chinese() -> None:
    found = (Finding("bacterial pneumonia", 0.93, Call.RULED_IN), Finding("normal", 0.07, Call.RULED_OUT))
    with speaking("zh_CN"):
        assert sum_up(found) == "判定为有：细菌性肺炎 0.93（很可能）。"
        assert count(1200, "reading") == "1,200 次阅片"
        assert trn("{n:,} case", "{n:,} cases", 1) == "1 例"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("normal", "正常"),
        ("normal 0.93 · outside the model's domain", "正常 0.93 · 超出模型适用范围"),
        ("allergy to NSAID", "非甾体抗炎药过敏"),
        ("Course, 48 h, 312 observations", "病程，48 小时，312 个观测值"),
        ("2 observations left out: without a time.", "未采用 2 个观测值：无时间。"),
        (
            "MAP fell from 75 to 52 mmHg between hour 11.0 and 12.5.",
            "MAP 在第 11.0 至 12.5 小时之间由 75 降至 52 mmHg。",
        ),
        ("ANNA_MEIER.dcm", "ANNA_MEIER.dcm"),
        ("CR CHEST PA and note", "CR CHEST PA 及病历"),
        ("Smith: well, for now", "Smith: well, for now"),
        ("layer 3", "第 3 层"),
        ("row 17", "第 17 行"),
        ("", ""),
    ],
)
def test_what_is_kept_in_english_is_spoken_in_chinese(kept: str, said: str) -> None:
    assert spoken(kept) == kept
    with speaking("zh_CN"):
        assert spoken(kept) == said


def test_a_record_is_english_whoever_asked_for_it() -> None:
    with speaking("zh_CN"):
        kept = recorded("Only {n} variables were observed; the model needs at least {least}.", n=3, least=5)
    assert kept == "Only 3 variables were observed; the model needs at least 5."


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_card_is_spoken_whole(name: str) -> None:
    card = shipped_card(name)
    labels = card.labels if len(card.labels) <= 100 else ()  # more are answers in the words of a question
    with speaking("zh_CN"):
        said = [spoken(words) for words in (card.title, card.summary, card.intended_use, *card.limits, *labels)]
    assert all(re.search(r"[\u4e00-\u9fff]", words) for words in said)


def test_threads_that_speak_other_languages_do_not_mix() -> None:
    both = Barrier(2, timeout=10)

    def speak(name: str) -> list[str]:
        heard = []
        with speaking(name):
            for _ in range(50):
                both.wait()
                heard.append(spoken("normal"))
        return heard

    with ThreadPoolExecutor(2) as pool:
        english, chinese = pool.map(speak, ("en", "zh_CN"))
    assert (set(english), set(chinese)) == ({"normal"}, {"正常"})


def test_a_thread_speaks_english_unless_its_context_is_carried_along() -> None:
    with ThreadPoolExecutor(1) as pool, speaking("zh_CN"):
        assert pool.submit(language).result() == "en"
        assert pool.submit(contextvars.copy_context().run, language).result() == "zh_CN"


def test_a_language_that_nobody_speaks_is_english() -> None:
    with speaking("tlh"):
        assert (language(), tr("normal")) == ("en", "normal")


def test_braces_without_values_are_left_alone() -> None:
    assert tr("{n} of {n}") == "{n} of {n}"
