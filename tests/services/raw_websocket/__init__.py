"""WebSocket by hand: bytes that no library would send, and how each must end."""
