"""The loop that fits any model; ignorant of the task."""
