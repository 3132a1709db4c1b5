"""The verbs' arguments: small frozen pydantic models. Form, flags, validation and scene file all come from them."""
