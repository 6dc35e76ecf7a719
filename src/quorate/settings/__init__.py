"""Every setting, with its default and what it means; read from TOML, checked all at once."""
