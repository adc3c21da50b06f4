"""Sign-ins that are over: all of one person, none of another, and nothing held beyond their time."""

from __future__ import annotations

from dashboard.endings import Endings


def test_what_was_seen_of_a_person_ends_and_what_comes_later_holds() -> None:
    endings = Endings()
    for until in (100.0, 120.0, 110.0):
        endings.see("ada", until, 0.0)
    endings.see("bob", 100.0, 0.0)
    assert not endings.over("ada", 100.0)
    endings.end("ada", 50.0)
    assert [endings.over("ada", until) for until in (100.0, 120.0, 121.0)] == [True, True, False]
    assert not endings.over("bob", 100.0)


def test_who_was_never_seen_ends_nothing() -> None:
    endings = Endings()
    endings.end("ada", 0.0)
    assert not endings.over("ada", 100.0)


def test_what_would_have_ended_by_itself_is_forgotten() -> None:
    endings = Endings()
    for second in range(1000):
        endings.see(f"person {second}", second + 10.0, float(second))
        endings.end(f"person {second}", float(second))
    assert len(endings._seen) <= 11
    assert len(endings._ended) <= 11
