"""Transfers watched by documented rules: the graph, the patterns, the cases that people work."""
