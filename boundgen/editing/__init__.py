"""Help in editors: colours of the model language, and what a language server answers."""
