"""How large a picture may be."""

MAX_PIXELS = 100_000_000
