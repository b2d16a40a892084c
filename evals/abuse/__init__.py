"""Worlds with planted market abuse and what only looks like it."""
