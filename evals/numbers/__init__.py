"""Questions over a table and its paragraphs in the form of TAT-QA: reading and scoring."""
