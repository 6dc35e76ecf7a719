"""Hooks: what an operator lets happen to calls on their way, by settings and by packages of his own."""
