"""Narratives of fraud cases: their cases, two scripted models and a checker of its own."""
