"""What a program holds: the client, and how it takes questions, types and tools."""
