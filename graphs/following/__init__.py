"""What a short question takes from those before it."""
