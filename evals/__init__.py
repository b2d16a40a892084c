"""Suites that say how good the agents are, replayable and with intervals."""
