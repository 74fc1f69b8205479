"""What results about a sender mean to the desk. The words are those of RFC 8601."""

from __future__ import annotations

from collections.abc import Mapping


def is_vouched_for(results: Mapping[str, str]) -> bool:
    """Whether the sender's own domain says that it sent this very letter."""
    return results.get("dmarc") == "pass"


def is_disowned(results: Mapping[str, str]) -> bool:
    """Whether the sender's own domain says that it did not send this: whoever is named there is a
    stranger. A domain that asks for nothing ("p=none") disowns nothing."""
    return results.get("dmarc") == "fail" and results.get("policy") != "none"
