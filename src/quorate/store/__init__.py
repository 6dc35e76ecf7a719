"""What outlives a process: one database, SQLite or PostgreSQL, and a file for each group of its tables."""
