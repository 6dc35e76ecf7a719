"""The language all rooms speak: frozen values, pure arithmetic, the one seam."""
