"""What the suite `fraud` runs on: archives with labels, and seeded worlds with planted patterns."""
