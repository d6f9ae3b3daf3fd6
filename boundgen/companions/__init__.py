"""Companion strategies: point estimates under stronger assumptions, each beside the sharp bounds without them."""
