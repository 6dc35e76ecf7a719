"""One call, from request to settled reply."""
