"""A database backend: Django's own SQLite with the write gate around the outermost transaction."""
