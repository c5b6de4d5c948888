import pytest

from udfs.tax_ids import credit_code_check, is_tax_id

REAL = """
    91110108551385082Q 小米科技
    914403001922038216 华为技术
    9144030071526726XG 腾讯计算机
    91330100799655058B 阿里巴巴（中国）
    9152000071430580XT 贵州茅台
    91370200264574251E 海尔
    91110000802100433B 百度在线
    91100000100003962T 工商银行
    12100000400002259P 北京大学
    12100000400000624D 清华大学
"""
CODES = [line.split()[0] for line in REAL.split("\n") if line.strip()]


@pytest.mark.parametrize("code", CODES)
def test_real_credit_codes(code: str) -> None:
    assert is_tax_id([code, code.lower(), f" {code[:8]} {code[8:]}　"]).all()
    assert credit_code_check(code) == code[17]


@pytest.mark.parametrize("code", CODES)
def test_one_character_wrong_or_two_changed_places_is_found(code: str) -> None:
    for place in range(17):
        other = "1" if code[place] != "1" else "2"
        assert not is_tax_id([code[:place] + other + code[place + 1 :]])[0]
        if code[place] != code[place + 1]:
            assert not is_tax_id([code[:place] + code[place + 1] + code[place] + code[place + 2 :]])[0]


@pytest.mark.parametrize(
    ("text", "valid", "why"),
    [
        ("110108551385082", True, "15: place and the organisation's code of nine"),
        ("44030071526726X", True, "15, the last an X"),
        ("911101085513850", False, "15, but no province is 91: a credit code cut short"),
        ("11010855138508", False, "14"),
        ("11010519491231002X", True, "18: a person's number (the example of GB 11643)"),
        ("110105194912310029", False, "its check character is X"),
        ("11010519491231002X01", True, "20: a person's number and two digits"),
        ("11010519491231002XA1", False, "20, no digits"),
        ("11010549123100201", True, "17: a person's old number and two digits"),
        ("91110108551385082O", False, "O is no sign of a credit code"),
        ("9111010855138508２Q", True, "full width"),
        ("91110108551385082Q1", False, "19"),
        ("", False, "nothing"),
        ("无", False, "a word"),
        ("=1+1", False, "a formula's text"),
    ],
)
def test_shapes(text: str, valid: bool, why: str) -> None:  # noqa: FBT001 - the expected answer
    assert bool(is_tax_id([text])[0]) is valid, why


def test_a_column_is_answered_in_its_order() -> None:
    assert is_tax_id([]).tolist() == []
    assert is_tax_id([CODES[0], "x", CODES[1]]).tolist() == [True, False, True]
