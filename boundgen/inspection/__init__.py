"""What `check` and `show` say of a model."""
