"""`explorer tour`: chapters that run every job once, and the page that shows them."""
