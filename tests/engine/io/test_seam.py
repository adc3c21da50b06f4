from __future__ import annotations

import logging
import threading
import warnings

import pytest

from engine.errors import DamagedFile, NoPixels, TooLarge
from engine.io.seam import quiet, reading


def test_foreign_errors_become_damage_with_their_cause_and_without_their_words() -> None:
    with pytest.raises(DamagedFile) as caught, reading("DICOM object"):
        raise KeyError("Doe^Jane")
    assert isinstance(caught.value.__cause__, KeyError)
    assert "Doe" not in str(caught.value)


def test_lack_of_memory_is_a_limit() -> None:
    with pytest.raises(TooLarge), reading("picture"):
        raise MemoryError


def test_our_own_errors_pass() -> None:
    with pytest.raises(NoPixels), reading("DICOM object"):
        raise NoPixels("none")


def test_an_interrupt_is_no_damage() -> None:
    with pytest.raises(KeyboardInterrupt), reading("DICOM object"):
        raise KeyboardInterrupt


def test_warnings_are_ignored_inside_and_errors_again_outside() -> None:
    with quiet():
        warnings.warn("quiet", UserWarning, stacklevel=1)
    with pytest.raises(UserWarning):
        warnings.warn("loud", UserWarning, stacklevel=1)


def test_threads_that_overlap_leave_the_filters_as_they_were() -> None:
    """The second reader starts within the first and ends after it."""
    before = list(warnings.filters)
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with quiet():
            first_in.set()
            second_in.wait(10)
        first_out.set()

    def second() -> None:
        first_in.wait(10)
        with quiet():
            second_in.set()
            first_out.wait(10)
            warnings.warn("still quiet", UserWarning, stacklevel=1)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert list(warnings.filters) == before


@pytest.mark.parametrize("name", ["pydicom", "pypdf", "PIL"])
def test_foreign_readers_log_nothing(name: str) -> None:
    assert not logging.getLogger(f"{name}.anything").isEnabledFor(logging.CRITICAL)
