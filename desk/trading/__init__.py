"""Trading: the one gate, its journal, the venues behind it, and the book they match on."""
