"""The store, on both databases: whatever is tested here holds for SQLite and for PostgreSQL."""
