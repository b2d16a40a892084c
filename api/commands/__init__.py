"""What each command does, wherever the desk is held."""
