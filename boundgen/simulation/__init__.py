"""Known populations, and the studies of coverage at them."""
