"""Language models: the protocol, the real ones, and the router that keeps deadlines."""
