"""Every container format that recorders keep exchanges in, read into one value."""
