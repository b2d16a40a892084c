"""What an agent may do: typed functions over the desk and the filings."""
