import pytest

from otklik.kit.numbers import whole_number


@pytest.mark.parametrize(
    ("written", "read"),
    [("0", 0), ("4812", 4812), (4812, 4812), ("9" * 18, 10**18 - 1)],
)
def test_a_number_is_read_as_it_is_written(written: object, read: int) -> None:
    assert whole_number(written) == read


@pytest.mark.parametrize("written", ["", None, "-1", "1.5", " 1", "٣", "²", "9" * 19, "1" * 5000])
def test_what_is_no_number_of_ours_is_none(written: object) -> None:
    assert whole_number(written) is None
