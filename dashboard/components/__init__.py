"""Parts of a page, as functions of plain data."""
