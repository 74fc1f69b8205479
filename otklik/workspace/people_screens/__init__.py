"""Customers and organisations on screen."""
