"""What the forecasters are taught with, and the worlds on which their verdicts are measured."""
