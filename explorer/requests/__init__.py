"""The verbs' arguments: small frozen pydantic models. Form, command-line flags, validation and scene file all come from them."""
