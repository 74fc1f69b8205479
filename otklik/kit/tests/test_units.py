import pytest
from django.utils.translation import override

from otklik.kit.units import human_duration, human_size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (2_500_000, "2.4 MB"), (10 << 20, "10 MB"),
     (1023 * 1024, "1 MB"), (5 << 30, "5 GB"), (5 << 40, "5120 GB")],
)  # fmt: skip
def test_sizes_read_well(size, text):
    with override("en"):
        assert human_size(size) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 minutes"), (1, "1 minute"), (130, "2 hours 10 minutes"), (1440, "1 day"),
     (4325, "3 days"), (4500, "3 days 3 hours")],
)  # fmt: skip
def test_durations_have_at_most_two_units(minutes, text):
    with override("en"):
        assert human_duration(minutes) == text
