"""One panel per job."""
