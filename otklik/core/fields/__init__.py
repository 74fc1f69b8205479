"""Custom fields: what a company wants to know of its tickets, people and organisations."""
