import base64
from datetime import UTC, datetime

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from otklik.kit.paging import Cursor, decode_cursor, keyset_filter, keyset_order
from otklik.kit.ratelimit import Bucket, Rate, take

KEYS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.datetimes(timezones=st.just(UTC))
)


@given(KEYS, st.integers(0, 2**63 - 1), st.sampled_from(["next", "previous"]))
def test_a_cursor_survives_its_token(key, row_id, direction):
    cursor = Cursor(key, row_id, direction)
    assert decode_cursor(cursor.encode()) == cursor


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode()))
def test_any_other_token_is_a_value_error(token):
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(token)


@pytest.mark.parametrize(
    "packed",
    [
        '["s","a",-1,"n"]', '["s","a",1.5,"n"]', '["s","a",true,"n"]', '["x","a",1,"n"]',
        '["s",["a"],1,"n"]', '["d","2026-01-01",1,"n"]', '["i","9999999999999999999",1,"n"]',
        '["s","a",1,"z"]', '["s","a",1,[]]', '[[],"a",1,"n"]', "[" * 1000, "{}", "null",
        '["s","\\u0000",1,"n"]', '["s","\\ud800",1,"n"]',
    ],
)  # fmt: skip
def test_forged_cursors_are_refused(packed):
    token = base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")
    with pytest.raises(ValueError, match="malformed"):
        decode_cursor(token)


def test_a_cursor_of_another_list_is_refused():
    token = Cursor(datetime(2026, 1, 1, tzinfo=UTC), 4).encode()
    assert decode_cursor(token, datetime).id == 4
    with pytest.raises(ValueError, match="another list"):
        decode_cursor(token, str)


def test_pages_go_both_ways_in_both_orders():
    forward, back = Cursor("k", 7), Cursor("k", 7, "previous")
    beyond = Q(name__gt="k") | Q(name="k", id__gt=7)
    assert keyset_filter(forward, "name", is_descending=False) == Q(name__gte="k") & beyond
    assert keyset_filter(forward, "name", is_descending=True) == keyset_filter(
        back, "name", is_descending=False
    )
    assert keyset_order("next", "at", is_descending=True) == ("-at", "-id")
    assert keyset_order("previous", "at", is_descending=True) == ("at", "id")


def test_a_burst_empties_the_bucket_and_time_refills_it():
    rate = Rate(limit=3, period=60)
    bucket = None
    for remaining in (2, 1, 0):
        verdict = take(rate, bucket, now=100)
        assert (verdict.is_allowed, verdict.remaining) == (True, remaining)
        bucket = verdict.bucket
    refused = take(rate, bucket, now=100)
    assert not refused.is_allowed
    assert refused.retry_after == pytest.approx(20)
    assert take(rate, refused.bucket, now=120).is_allowed
    assert not take(rate, Bucket(0, 100), now=50).is_allowed
