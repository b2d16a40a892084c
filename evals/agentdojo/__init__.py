"""AgentDojo's banking suite before our tool policy."""
