"""The event bus: quotes may be lost, orders, approvals and halts may not."""
