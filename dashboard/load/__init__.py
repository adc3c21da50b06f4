"""Many readers at once, as the server sees them: `attending benchmark load`."""
