"""Filings as documents and facts; reading their prose is `rag`'s work."""
