"""Metrics with intervals, and the scoring of a whole data set."""
