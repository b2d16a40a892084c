"""The ten agents: a prompt, a list of tools, a typed answer and a plan each."""
