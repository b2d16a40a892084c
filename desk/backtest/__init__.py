"""Strategies over history: decided after one close, traded at the next, with costs."""
