"""One lesson per file; owns no algorithm."""
