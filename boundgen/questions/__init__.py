"""Questions about a bound and about assumptions, each answered with a proof or a witness."""
