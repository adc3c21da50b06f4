"""The sample library: what ships is what the generator writes, marked as invented, and can be read."""

from pathlib import Path

import sample_data
from engine.literature.reading import read_literature
from sample_data import SEED
from sample_data.abstracts import FILE, JOURNAL, TOPICS, write_library

SHIPPED = Path(sample_data.__file__).parent / "library" / FILE


def test_the_shipped_library_is_what_the_generator_writes(tmp_path):
    write_library(tmp_path, SEED)
    assert (tmp_path / FILE).read_bytes() == SHIPPED.read_bytes()


def test_every_abstract_says_that_it_is_invented():
    found = read_literature(FILE, SHIPPED.read_bytes())
    assert len(found.abstracts) == 2 * len(TOPICS) == 40
    assert not found.refused
    assert {one.source for one in found.abstracts} == {JOURNAL}
    assert all("invented" in one.text and one.identifier.startswith("SYN-") for one in found.abstracts)
    assert len({one.words for one in found.abstracts}) == 40
