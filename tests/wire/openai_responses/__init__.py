"""The wire `openai_responses`."""
