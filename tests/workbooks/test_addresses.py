import pytest

from workbooks.addresses import column_letters


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_a_column_has_excels_letters(index: int, letters: str) -> None:
    assert column_letters(index) == letters
