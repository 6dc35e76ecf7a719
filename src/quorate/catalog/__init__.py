"""Which models exist: limits, features, dated prices with their source."""
