"""The one place that starts processes: supervisor, shared-memory ring, children."""
