"""``make bench``: how fast the desk is, beside what the same rows cost bare."""
