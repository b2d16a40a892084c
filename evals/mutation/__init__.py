"""One value at its source is changed: what depends on it must change with it, and nothing else may."""
