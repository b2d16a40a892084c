"""Market data out: numbered channels, one publisher, a hub in every process, one WebSocket door."""
