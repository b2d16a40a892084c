"""The OpenAI-compatible door: its shapes, errors, keys, and the two kinds of work behind it (desk and raw model)."""
