import pytest

from workbooks.addresses import column_index, column_letters


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_a_column_has_excels_letters(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert column_index(letters) == column_index(letters.lower()) == index


@pytest.mark.parametrize("letters", ["", "A1", "AAAA", "甲", "-"])
def test_what_is_no_column_is_refused(letters: str) -> None:
    with pytest.raises(ValueError, match=letters or None):
        column_index(letters)
