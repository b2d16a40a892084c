"""Risk: pre-trade limits, measures of loss, and what an order would change."""
