"""The library on disk and the search in it: exact, additive word by word, and made anew for another model."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from engine.errors import NoSuitableTask, StoreDamaged
from engine.literature.library import KEYS, Library
from engine.literature.records import Abstract
from engine.literature.search import check_match, read_library, search_library, word_pairs
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.literature import LiteratureTransformer, LiteratureTransformerConfig
from engine.models.text import TextTransformer, TextTransformerConfig

SIZES = {"num_labels": 3, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
HEART = Abstract("1", "Chest pain", "The heart and the artery. Pain of the left arm was seen in the chest.", 1991)
SKIN = Abstract("2", "A rash", "The skin of the knee has a rash. No murmur of the heart was heard.")


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> LoadedModel:
    torch.manual_seed(0)
    config = LiteratureTransformerConfig(vocab_size=tokenizer.get_vocab_size(), key_size=8, **SIZES)
    network = LiteratureTransformer(config).eval().requires_grad_(False)
    card = Card(
        "literature", "", ("a", "b", "c"), "", "", (), DataFacts("", "", 0, "", ""), {}, TrustParameters((1.0,))
    )
    return LoadedModel("literature", network, card.labels, "d" * 64, card, torch.device("cpu"), tokenizer)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "room")
    library.add([HEART, SKIN])
    return library


def test_a_copy_is_counted_and_left_out(library: Library) -> None:
    added = library.add([replace(HEART, identifier="9"), replace(SKIN, text="New words here.")])
    assert (added.new, added.known, len(library)) == (1, 1, 3)


def test_the_text_itself_is_found_first(library: Library, model: LoadedModel) -> None:
    assert read_library(library, model) == 2
    assert read_library(library, model) == 0
    found = search_library(library, model, SKIN.words)
    assert [hit.abstract for hit in found.hits] == [SKIN, HEART]
    assert found.hits[0].similarity == pytest.approx(1.0, abs=2e-3)
    assert found.searched == 2


def test_another_model_reads_the_library_anew(library: Library, model: LoadedModel) -> None:
    read_library(library, model)
    other = replace(model, digest="e" * 64)
    assert search_library(library, other, "rash").hits == ()
    assert read_library(library, other) == 2


def test_two_who_read_a_library_at_once_leave_one_key_for_each_abstract(tmp_path: Path) -> None:
    rooms = [Library(tmp_path / "room") for _ in range(4)]
    together = threading.Barrier(len(rooms))

    def fill(library: Library) -> None:
        together.wait()
        for first in range(1, 40, 3):
            numbers = range(first, first + 3)
            library.add_keys(numbers, np.eye(48, dtype=np.float32)[numbers], "d" * 64)

    with ThreadPoolExecutor(len(rooms)) as threads:
        for done in [threads.submit(fill, library) for library in rooms]:
            done.result()
    found = rooms[0].nearest(np.eye(48, dtype=np.float32)[7], "d" * 64, count=48)
    assert sorted(found.numbers) == list(range(1, 40))
    assert found.numbers[0] == 7
    assert sorted(path.name for path in rooms[0].folder.glob(f"{KEYS}*")) == [KEYS]


def test_another_process_waits_until_keys_are_written(library: Library, model: LoadedModel) -> None:
    add = "import sys, numpy, pathlib\nfrom engine.literature.library import Library\n"
    add += "print('ready', flush=True)\n"
    add += "Library(pathlib.Path(sys.argv[1])).add_keys([2], numpy.ones((1, 8)), sys.argv[2])\n"
    command = [sys.executable, "-c", add, str(library.folder), model.digest]
    with library._alone():
        other = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1.5)
        library._put({"keys": np.ones((1, 8), np.float16), "numbers": np.array([1])}, model.digest)
    with other:
        assert other.wait(30) == 0
    assert sorted(library.nearest(np.ones(8), model.digest, count=9).numbers) == [1, 2]


def test_keys_that_cannot_be_written_leave_nothing_behind(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(made: object, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr("engine.literature.library.save_file", full)
    with pytest.raises(OSError, match="no space"):
        library.add_keys([1], np.ones((1, 8)), "d" * 64)
    assert not list(library.folder.glob(f"{KEYS}*"))


def test_pairs_of_words_add_up_to_the_similarity(library: Library, model: LoadedModel) -> None:
    read_library(library, model)
    (hit, *_) = search_library(library, model, "heart pain and chest pain").hits
    assert hit.pairs.similarity == pytest.approx(hit.similarity, abs=2e-3)
    assert hit.pairs.terms.shape == (len(hit.pairs.asked), len(hit.pairs.found))
    assert [span.relevance for span in hit.pairs.asked] == pytest.approx(hit.pairs.terms.sum(axis=1).tolist(), abs=1e-5)
    words = hit.abstract.words
    assert {words[match.place.start : match.place.end] for match in hit.sentences} <= {
        "The heart and the artery.",
        "Pain of the left arm was seen in the chest.",
        "The skin of the knee has a rash.",
        "No murmur of the heart was heard.",
    }


def test_similarity_does_not_depend_on_the_order_of_the_two(model: LoadedModel) -> None:
    one, other = word_pairs(HEART.words, SKIN.words, model), word_pairs(SKIN.words, HEART.words, model)
    np.testing.assert_allclose(one.terms, other.terms.T, atol=1e-6)


def test_long_texts_are_read_whole(model: LoadedModel) -> None:
    long = " ".join(["the heart has a murmur"] * 120)
    pairs = word_pairs("heart", long, model)
    assert len(pairs.found) == 600
    assert pairs.similarity == pytest.approx(word_pairs(long, "heart", model).similarity, abs=1e-4)


def test_a_match_is_checked_against_random_words(model: LoadedModel) -> None:
    check = check_match("heart pain", HEART.words, model)
    assert (check.words, check.removed) == (19, 4)
    assert check.low <= check.without_random <= check.high
    assert check.whole == pytest.approx(word_pairs("heart pain", HEART.words, model).similarity, abs=1e-5)


def test_what_is_taken_out_cannot_be_found(library: Library, model: LoadedModel) -> None:
    read_library(library, model)
    assert library.clear() == 2
    assert len(library) == 0
    library.add([HEART])
    assert read_library(library, model) == 1
    assert [hit.abstract for hit in search_library(library, model, "rash").hits] == [HEART]


def test_damaged_keys_are_told(library: Library, model: LoadedModel) -> None:
    read_library(library, model)
    (path,) = Path(library.folder).glob(KEYS)
    path.write_bytes(b"no tensors")
    with pytest.raises(StoreDamaged, match="made anew"):
        search_library(library, model, "rash")


def test_another_family_makes_no_keys(library: Library, model: LoadedModel, tokenizer: Tokenizer) -> None:
    config = TextTransformerConfig(vocab_size=tokenizer.get_vocab_size(), **SIZES)
    with pytest.raises(NoSuitableTask, match="makes no keys"):
        read_library(library, replace(model, network=TextTransformer(config)))
