from tests.torture import payloads
from tests.torture.payload_texts import FAMILIES


def test_what_strangers_write_stays_text_everywhere() -> None:
    row = payloads.run(full=False)
    assert not row.failed
    assert row.tried == row.held > 50 * len(FAMILIES)
