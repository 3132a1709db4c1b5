"""What the network sees: filters, activations, dreams."""
