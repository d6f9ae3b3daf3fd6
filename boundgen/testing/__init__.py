"""Claims as tests: the plugin of pytest."""
