"""Market abuse in orders, trades, bars and insiders' reports: one rule a module."""
