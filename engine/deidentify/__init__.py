"""Names, dates, numbers, places and contacts in notes: found, shown, and replaced by consistent surrogates."""
