"""Which target next: pure plans that are told what happened."""
