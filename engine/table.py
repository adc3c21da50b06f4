"""Cells for spreadsheets: text that one would take for a formula gets an apostrophe (OWASP, CSV injection)."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """Write one cell: text that begins like a formula gets an apostrophe before it.

    Examples
    --------
    >>> cell("=1+1"), cell("fever"), cell(-0.5), cell(None)
    ("'=1+1", 'fever', '-0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return str(value)
