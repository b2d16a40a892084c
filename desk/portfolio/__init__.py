"""What to hold, what to trade to get there, and whether it suits the person."""
