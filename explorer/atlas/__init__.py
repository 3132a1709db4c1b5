"""`explorer atlas`: every unit of some layers as pages that a browser shows without a network; the work can be shared."""
