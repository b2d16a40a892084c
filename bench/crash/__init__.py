"""The crash matrix: kill -9 at every boundary between a proposal and its fill, over a real Redis server."""
