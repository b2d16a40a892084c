"""The trading desk: everything that is true without a language model."""
