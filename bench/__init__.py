"""Measurements: correctness first, then CPU time beside wall time, ratios to peers in the same run."""
