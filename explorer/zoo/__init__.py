"""One architecture per file, inner layer names public, activations are modules of their own."""
