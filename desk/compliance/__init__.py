"""Rules of conduct and of law that the desk checks by code, each with its source."""
