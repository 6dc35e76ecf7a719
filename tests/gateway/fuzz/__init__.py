"""Bad requests: real ones of every front, damaged in every way we know, fired at a whole gateway."""
