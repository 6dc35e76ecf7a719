"""Recorded exchanges of real providers, replayed through the wires and judged by the official SDKs."""
