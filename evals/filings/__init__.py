"""Questions on filings: a folder in the form of FinanceBench, or the filings in the box."""
