"""What a customer asks in general: entries written by us, found without a language model."""
