import os

import pytest

from tests.torture import corpus


@pytest.mark.skipif(os.name == "nt", reason="pipes, and links for everybody, are not there")
@pytest.mark.skipif(not corpus.CORPUS.is_dir(), reason="../shared is not here")
def test_hostile_files_are_read_or_named_and_no_good_line_is_lost() -> None:
    row = corpus.run(full=False)
    assert not row.failed
    assert row.held == row.tried > 70
