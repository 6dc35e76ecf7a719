"""Tests of the Anthropic wire."""
