"""Protocols: bytes to values and back. Nothing in here does I/O."""
