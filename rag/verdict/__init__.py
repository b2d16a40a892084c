"""Questions whose answer is yes or no: read as a claim, and judged by computing from cited cells."""
