"""Whether every number that a person reads has a source: by the plan, by an honest model and by one that invents."""
