"""Who can be called: a provider is a row of data."""
