"""Reading filings: parsed documents, search, and answers with citations."""
