"""Order books rebuilt from tick files, and judged: crossed or not, sizes that match or not."""
