"""Questions over one table and its paragraphs, answered by rules: cells found, a formula, a scale, a confidence."""
