"""The wire `openai_chat`."""
