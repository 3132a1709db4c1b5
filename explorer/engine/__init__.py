"""The one place that runs and hooks networks: device, precision, preparation, taps, loading."""
