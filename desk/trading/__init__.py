"""From a wish to trade to a position: one gate, one journal, one venue at a time."""
