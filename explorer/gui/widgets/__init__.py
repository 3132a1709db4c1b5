"""Views that panels share."""
