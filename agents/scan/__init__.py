"""Checks of finished texts, off every hot path: plain rules, and guardrails-ai around them in a process of its own."""
