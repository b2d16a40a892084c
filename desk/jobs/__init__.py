"""Work that must happen, once, even when a process dies."""
