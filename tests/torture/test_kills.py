import os

import pytest

from tests.torture import kills


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_a_run_that_is_killed_leaves_nothing_half_done() -> None:
    row = kills.run(full=False)
    assert not row.failed
    assert row.tried == kills.SHORT + len(kills.STEPS)
