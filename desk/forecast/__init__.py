"""Forecasts of direction from closes; each decision uses only what was known that day."""
