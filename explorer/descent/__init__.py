"""Optimizers on 2-D error surfaces, numpy float64, no torch: surfaces, methods, races."""
