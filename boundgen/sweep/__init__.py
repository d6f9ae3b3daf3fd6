"""Many derivations of one model: every choice of its assumptions, every estimand."""
