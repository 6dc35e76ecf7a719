"""What outlives a process: tables in SQLite or PostgreSQL."""
