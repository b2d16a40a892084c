"""Policies learned by reinforcement: proximal policy optimisation in numpy."""
