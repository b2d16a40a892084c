"""Strategies that trade: bots a trader starts, and agents that act alone inside a mandate."""
