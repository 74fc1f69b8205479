"""What the operating screens do, by REST."""
