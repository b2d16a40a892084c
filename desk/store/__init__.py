"""The store: one engine, one unit of work, all tables and their migrations."""
