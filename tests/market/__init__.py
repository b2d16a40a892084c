"""Live market data and news against a local server that misbehaves."""
