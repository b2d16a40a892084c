"""News and posts, and a sentiment scorer that needs no language model."""
