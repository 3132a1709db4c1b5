"""The nouns: plain numpy, immutable, no tensor, no Qt, no file. Import the module you need; this file imports nothing."""
