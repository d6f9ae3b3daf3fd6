"""What several tests need: judges that share nothing with boundgen, drawn models, and the command line."""

import pytest

# What fails in a helper is then as plain as in a test.
pytest.register_assert_rewrite("support.command", "support.golden", "support.independent_claims")
