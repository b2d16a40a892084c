"""The doors: HTTP, WebSocket, and the command line."""
