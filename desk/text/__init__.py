"""The shared tokenizer and the small embedding model."""
