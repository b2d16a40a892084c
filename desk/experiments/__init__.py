"""Comparing strategies, with intervals and with the number of trials."""
