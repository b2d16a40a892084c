"""Prices: what trades where, live or replayed, and their history."""
