"""What is kept for good: cases, answers, reviews and the chain of events; SQLite by default, PostgreSQL by URL."""
