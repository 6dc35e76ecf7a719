"""The command line: a table of commands, a file per command."""
