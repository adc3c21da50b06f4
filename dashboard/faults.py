"""What went wrong, in the reader's words: our own errors with their advice, unknown ones as our fault and a number."""

from __future__ import annotations

from engine import AttendingError, spoken, tr


def in_words(error: Exception, number: str) -> str:
    """Say what happened and what to do; of an error that nobody expected its kind alone, as its text may quote a file.

    Parameters
    ----------
    number : str
        Under which the log says where it was.
    """
    if isinstance(error, AttendingError):
        return f"{spoken(error.happened)} {spoken(error.advice)}"
    return tr(
        "This is our fault, not yours: {name} in the program. Your case is still open: go on with another "
        "one, or start the dashboard again. Say the number {number} when you report it: the log tells under "
        "this number where it happened.",
        name=type(error).__name__,
        number=number,
    )
