"""The gateway's own API under `/api/v1`: a file a resource. Nothing outside of this folder knows FastAPI."""
