"""Versioned prompts: one YAML file per agent and version."""
