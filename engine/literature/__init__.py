"""The reader's own library of abstracts: filled from files, searched by the key of the literature model."""
