import pytest

from otklik.kit.addresses import (
    display_email,
    normalise_email,
    split_plus,
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (" Olga.Nesterova@Polden.Example ", "olga.nesterova@polden.example"),
        ("ольга@пример.рф", "ольга@xn--e1afmkfd.xn--p1ai"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a..b.@docomo.example", "a..b.@docomo.example"),
        ("bounce+a=b_c/d{e}@x.example.", "bounce+a=b_c/d{e}@x.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_one_address_has_one_spelling(written, canonical):
    assert normalise_email(written) == canonical
    assert normalise_email(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "a@", "@b", "a b@c.example", "a@b@c.example", "a@-b.example", "a@b..example",
        "a@[127.0.0.1]", '"a b"@c.example', "a@c.example\nBcc: x@y", "a\x00@b.example",
        "x" * 65 + "@a.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 127 + "example",
        "<a@b.example>", "a,b@c.example", "a@b c.example", "a@xn--\u0430.example", "a@b/c",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"address|domain"):
        normalise_email(text)


def test_addresses_are_shown_in_their_own_letters():
    assert display_email("ольга@xn--e1afmkfd.xn--p1ai") == "ольга@пример.рф"
    assert display_email("a@xn--999999999.example") == "a@xn--999999999.example"


def test_plus_addresses_are_split():
    assert split_plus("support+t1-abc@x.example") == ("support@x.example", "t1-abc")
    assert split_plus("support@x.example") == ("support@x.example", "")
    assert split_plus("+a@x.example") == ("+a@x.example", "")
