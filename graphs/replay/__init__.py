"""A run again from its record: bundles, the world behind one, replays, reruns and what they differ in."""
