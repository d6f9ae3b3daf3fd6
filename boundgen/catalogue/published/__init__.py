"""Published bounds as models with claims, one file for each."""
