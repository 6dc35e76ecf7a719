"""The only door to the providers' network."""
