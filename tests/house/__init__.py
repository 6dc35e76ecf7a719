"""The house: sizes, names, walls, lightness, and what is shipped."""
