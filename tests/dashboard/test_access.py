"""Who may do what: everybody on this machine without sign-in, and with it by role, on every page and behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import access, keeping, navigation
from dashboard.access import NotAllowed, Role, SignedOut, account_of
from dashboard.endings import Endings
from engine import NotKept, SignIn

APP = str(Path(dashboard.__file__).parent / "app.py")
NOW = 1_800_000_000.0
ASKED = SignIn({}, "roles", 8.0)
PAGES = {
    Role.READER: ["Worklist", "Open case", "Review", "Literature", "Models", "Training"],
    Role.LEAD: ["Worklist", "Open case", "Review", "Literature", "Validation", "Models", "Training"],
    Role.ADMIN: ["Worklist", "Open case", "Review", "Literature", "Validation", "Models", "Training", "Audit"],
}
GUARDED: dict[str, tuple[Role, Callable[[], object]]] = {
    "reviews": (Role.LEAD, keeping.kept_reviews),
    "answers": (Role.LEAD, keeping.kept_answers),
    "events": (Role.ADMIN, lambda: keeping.events(1)),
    "verify": (Role.ADMIN, keeping.verify),
    "remove": (Role.ADMIN, lambda: keeping.remove("absent")),
    "remove patient": (Role.ADMIN, lambda: keeping.remove_patient_of("absent")),
}


def told(*roles: str, age: float = 60.0, **more: object) -> dict[str, Any]:
    claims = {"iss": "https://provider", "sub": "1", "name": "Dr Ada", "iat": NOW - age, "roles": list(roles)}
    return claims | more


@pytest.fixture
def sits_here(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Any]], None]:
    """Let somebody with these claims sit here, under an installation that asks for sign-in."""
    monkeypatch.setattr(access, "settings", lambda: ASKED)
    monkeypatch.setattr(access.time, "time", lambda: NOW)
    monkeypatch.setattr(access, "_endings", Endings())
    return lambda said: monkeypatch.setattr(access, "claims", lambda: said)


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (told("reader"), Role.READER),
        (told("LEAD", "reader", "something else"), Role.LEAD),
        (told(roles="admin"), Role.ADMIN),
    ],
)
def test_the_highest_role_of_the_claim_counts(said: Mapping[str, Any], role: Role) -> None:
    assert account_of(said, ASKED, NOW).role is role
    assert account_of(said, ASKED, NOW).name == "Dr Ada"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Nobody has signed in"),
        (told(), "no role"),
        (told("superuser"), "no role"),
        (told("admin", age=8 * 3600 + 1), "session is over"),
        (told("admin", iat=None), "session is over"),
        (told("admin", iat="yesterday"), "session is over"),
        (told("admin", sub=None), "does not say who you are"),
        (told("admin", iss=""), "does not say who you are"),
    ],
)
def test_nobody_else_is_let_in(said: Mapping[str, Any], why: str) -> None:
    with pytest.raises(SignedOut, match=why):
        account_of(said, ASKED, NOW)


def test_without_sign_in_everything_is_allowed_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "settings", lambda: None)
    assert access.account() == access.Account("", Role.ADMIN)


@pytest.mark.usefixtures("own_store")
def test_two_people_of_one_name_are_two_readers_and_one_who_is_renamed_stays_one(
    sits_here: Callable[[Mapping[str, Any]], None],
) -> None:
    """What identifies somebody is issuer and subject; a review belongs to one person, whatever they are called."""
    sits_here(told("reader", name="Anna Mueller"))
    assert keeping.reader() == "Anna Mueller"
    for more in ({"sub": "2"}, {"iss": "https://another"}, {"sub": "3", "name": "anna  MUELLER"}):
        sits_here(told("reader", **{"name": "Anna Mueller"} | more))
        assert keeping.reader() not in {"Anna Mueller", "anna MUELLER"}
    sits_here(told("reader", name="Anna Huber"))
    assert keeping.reader() == "Anna Mueller"
    sits_here(told("reader", sub="4", name="Anna Huber"))
    assert keeping.reader() == "Anna Huber"


def test_without_a_store_no_two_people_are_called_the_same(
    sits_here: Callable[[Mapping[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "store", lambda: None)
    names = set()
    for subject in ("1", "2"):
        sits_here(told("reader", sub=subject))
        names.add(keeping.reader())
    assert len(names) == 2
    assert all(name.startswith("Dr Ada · ") for name in names)


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("call", list(GUARDED))
def test_every_call_behind_a_page_asks_for_the_role(
    call: str, role: Role | None, sits_here: Callable[[Mapping[str, Any]], None]
) -> None:
    sits_here(told(role.name) if role else {})
    least, ask = GUARDED[call]
    if role is None:
        with pytest.raises(SignedOut):
            ask()
    elif role < least:
        with pytest.raises(NotAllowed):
            ask()
    else:
        with suppress(NotKept):  # allowed to try
            ask()


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize("role", [None, *Role])
def test_the_pages_of_each_role(role: Role | None, sits_here: Callable[[Mapping[str, Any]], None]) -> None:
    sits_here(told(role.name) if role else {})
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    shown = "\n".join(element.proto.body for element in app.get("html"))
    if role is None:
        assert "Nobody has signed in." in shown
        assert [button.label for button in app.button] == ["Sign in"]
        assert "case-table" not in shown
    else:
        assert "Nobody has signed in." not in shown
        assert "Sign out" in [button.label for button in app.button]
        assert keeping.reader() == "Dr Ada"


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize("other_age", [60.0, 30.0, 90.0])
def test_who_signs_out_in_one_tab_has_signed_out_in_all(
    other_age: float, sits_here: Callable[[Mapping[str, Any]], None]
) -> None:
    """A tab that stays open on a shared computer, by the same sign-in or by one of its own, is nobody's any more."""
    one, other = (AppTest.from_file(APP, default_timeout=60) for _ in range(2))
    for tab, age in ((one, 60.0), (other, other_age)):
        sits_here(told("reader", age=age))
        assert "Sign out" in [button.label for button in tab.run().button]
    open_since = access.account()
    assert access.holds(open_since)
    sits_here(told("reader"))
    next(button for button in one.button if button.label == "Sign out").click().run()
    sits_here(told("reader", age=other_age))
    assert "Your session is over." in "\n".join(element.proto.body for element in other.run().get("html"))
    assert "Sign in" in [button.label for button in other.button]
    assert not access.holds(open_since)
    sits_here(told("reader", sub="2"))
    assert access.account().role is Role.READER
    sits_here(told("reader", age=0.0))
    assert access.account().role is Role.READER


def test_a_sign_in_that_is_over_does_not_hold(sits_here: Callable[[Mapping[str, Any]], None]) -> None:
    sits_here(told("reader"))
    known = access.account()
    assert access.holds(known)
    assert not access.holds(replace(known, until=NOW - 1))


@pytest.mark.parametrize("role", list(Role))
def test_a_page_that_is_not_allowed_has_no_address(
    role: Role, sits_here: Callable[[Mapping[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sits_here(told(role.name))
    made: list[str] = []
    monkeypatch.setattr(navigation.st, "Page", lambda path, *, title, default=False: made.append(title))
    navigation.pages()
    assert made == PAGES[role]
