"""Cohere's protocol: what is written, what is read, and the laws of all wires."""
