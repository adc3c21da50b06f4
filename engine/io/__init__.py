"""Bytes to records: what a reader drops becomes images and notes, or one typed error."""
