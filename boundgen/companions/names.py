"""What companion methods and their options are called; nothing is imported, so that the command line starts at once."""

METHODS = ("ignorability", "iv", "multisite", "interaction-iv", "heterogeneity")
# Of standard errors.
ERRORS = ("homoskedastic", "robust", "cluster")
# Of the slope that makes indirect effects; the first is taken where none is named.
BASES = ("simex", "bces", "ols")
# What finds subgroups; likewise.
TREES = ("boundgen", "econml")
# What finds groups that a treatment moves the other way; likewise.
LEARNERS = ("tree", "forest")
