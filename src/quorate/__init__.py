"""Quorate: one door to every large-language-model provider."""
