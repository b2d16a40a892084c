"""Our own injections: the same turns with and without text of others, by the plan and by a model that obeys it."""
