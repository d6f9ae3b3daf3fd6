"""Text or Python to a frozen `Model`."""
