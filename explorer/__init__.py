"""Explorer: see deep learning work. The map of rooms is in the README."""

__version__ = "0.1.0"
