"""The supervisor's graph, the wait for a person, and the running system."""
