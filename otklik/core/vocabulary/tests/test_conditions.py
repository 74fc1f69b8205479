from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.core.access import SYSTEM, Invalid, Missing
from otklik.core.outbox.models import Delivery, DeliveryRecipient
from otklik.core.vocabulary import (
    Condition,
    Effect,
    ValueType,
    apply_effect,
    find_condition,
    list_conditions,
    read_match,
    register_condition,
    register_effect,
)
from otklik.core.vocabulary.proving import assert_faces_agree
from otklik.kit.text import sort_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MODEL = "outbox.Delivery"


def of(
    word: str, kind: ValueType, path: str, read: Callable[[Any], Any], **options: Any
) -> Condition:
    return Condition(f"parcel.{word}", word, kind, MODEL, path, read, **options)


def addresses(delivery: Delivery) -> set[str]:
    return {recipient.address for recipient in delivery.recipients.all()}


CONDITIONS = [
    of("text", ValueType.TEXT, "error_text", lambda d: d.error_text),
    of("folded", ValueType.TEXT, "worker", lambda d: d.worker, normalise=sort_key),
    of("number", ValueType.NUMBER, "subject_id", lambda d: d.subject_id),
    of("yes", ValueType.BOOLEAN, "is_wiped", lambda d: d.is_wiped),
    of("status", ValueType.CHOICE, "status", lambda d: d.status, choices=lambda: [("sent", "S")]),
    of("account", ValueType.REFERENCE, "account_id", lambda d: d.account_id),
    of("to", ValueType.CODES, "recipients__address", addresses),
    of(
        "rows",
        ValueType.REFERENCES,
        "recipients__id",
        lambda d: {recipient.pk for recipient in d.recipients.all()},
    ),
    of("sent", ValueType.MOMENT, "sent_at", lambda d: d.sent_at),
]

texts = st.text(alphabet="aAяЯёЁ%_'\\ 💛", max_size=6)
deliveries = st.fixed_dictionaries(
    {
        "error_text": texts,
        "worker": texts.map(sort_key),
        "subject_id": st.none() | st.integers(-3, 3),
        "is_wiped": st.booleans(),
        "status": st.sampled_from(["sent", "failed", "queued"]),
        "account_id": st.none() | st.integers(1, 3),
        "sent_at": st.none() | st.integers(-200, 5).map(lambda m: NOW + timedelta(minutes=m)),
    }
)
rows = st.lists(
    st.tuples(deliveries, st.sets(st.sampled_from(["a@x", "b@x", "c@x"]))), min_size=1, max_size=5
)


def store(made: Iterable[tuple[dict[str, Any], set[str]]]) -> None:
    Delivery.objects.all().delete()
    for number, (columns, to) in enumerate(made):
        delivery = Delivery.objects.create(
            key=str(number), kind="parcel", lane="x", give_up_at=NOW, **columns
        )
        for address in sorted(to):
            DeliveryRecipient.objects.create(delivery=delivery, address=address)


@pytest.mark.data
@pytest.mark.django_db
@settings(max_examples=15, deadline=None)
@given(made=rows)
def test_sql_and_memory_give_the_same_answers(
    made: list[tuple[dict[str, Any], set[str]]],
) -> None:
    store(made)
    for condition in CONDITIONS:
        assert assert_faces_agree(condition, Delivery.objects.all(), now=NOW) > 0


@pytest.mark.data
@pytest.mark.django_db
def test_the_proof_notices_a_condition_whose_faces_differ() -> None:
    store([({"subject_id": 1}, set()), ({"subject_id": None}, set())])
    wrong = of("wrong", ValueType.NUMBER, "subject_id", lambda d: d.subject_id or 0)
    with pytest.raises(AssertionError, match=r"parcel\.wrong"):
        assert_faces_agree(wrong, Delivery.objects.all(), now=NOW)


@pytest.fixture
def parcels() -> None:
    for condition in CONDITIONS:
        register_condition(condition)


def clause(condition: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"condition": f"parcel.{condition}", "operator": operator, "value": value}


@pytest.mark.data
@pytest.mark.django_db
def test_several_conditions_are_stored_read_again_and_agree(parcels: None) -> None:
    store(
        [
            ({"status": "sent", "subject_id": 1}, {"a@x"}),
            ({"status": "sent", "subject_id": 2}, {"b@x", "c@x"}),
            ({"status": "failed", "subject_id": 1}, {"b@x"}),
        ]
    )
    data = {
        "all": [clause("status", "in", ["sent"])],
        "any": [clause("number", "is", 1), clause("to", "has_all", ["c@x", "b@x"])],
    }
    match = read_match("parcel", data)
    again = read_match("parcel", match.as_json())
    assert again == match
    found = Delivery.objects.filter(again.q())
    assert sorted(each.key for each in found) == ["0", "1"]
    assert sorted(each.key for each in Delivery.objects.all() if again.test(each)) == ["0", "1"]
    assert Delivery.objects.filter(read_match("parcel", {}).q()).count() == 3


def test_bad_conditions_are_each_named(parcels: None) -> None:
    data = {
        "all": [
            clause("gone", "is", 1),
            clause("number", "contains", 1),
            clause("number", "is", True),
            clause("text", "is", "x" * 900),
            clause("sent", "before", "31 February"),
            clause("sent", "older_than", 0),
            clause("status", "in", []),
            clause("number", "is", 1),
            "nonsense",
        ],
        "any": "nonsense",
    }
    with pytest.raises(Invalid) as refused:
        read_match("parcel", data)
    assert sorted(refused.value.fields) == [*(f"all.{n}" for n in (0, 1, 2, 3, 4, 5, 6, 8)), "any"]
    with pytest.raises(Invalid):
        read_match("parcel", {"none": []})
    with pytest.raises(Invalid):
        read_match("ticket", {"all": [clause("number", "is", 1)]})


@pytest.mark.django_db
def test_a_form_asks_for_what_the_operator_needs(parcels: None) -> None:
    status = find_condition("parcel.status")
    assert status is not None
    asked = status.form_field("in")
    assert isinstance(asked, forms.TypedMultipleChoiceField)
    assert asked.clean(["sent"]) == ["sent"]
    with pytest.raises(forms.ValidationError):
        asked.clean(["lost"])
    assert status.form_field("is_empty") is None
    assert [condition.name for condition in list_conditions("parcel")][:1] == ["parcel.text"]


def test_a_name_is_taken_once(parcels: None) -> None:
    with pytest.raises(ValueError, match="twice"):
        register_condition(of("text", ValueType.TEXT, "worker", lambda d: d.worker))


def test_an_effect_gets_typed_params_and_refuses_others() -> None:
    class Weight(forms.Form):
        grams = forms.IntegerField(min_value=1)

    done: list[Any] = []
    register_effect(
        Effect("parcel.weigh", "Weigh", lambda actor, thing, p: done.append((thing, p)), Weight)
    )
    apply_effect(SYSTEM, "box", "parcel.weigh", {"grams": "250"})
    assert done == [("box", {"grams": 250})]
    for params in ({"grams": "-1"}, {}, {"grams": "1", "colour": "red"}):
        with pytest.raises(Invalid):
            apply_effect(SYSTEM, "box", "parcel.weigh", params)
    with pytest.raises(Missing):
        apply_effect(SYSTEM, "box", "parcel.burn")
