"""Whatever somebody may write where a name, an address or a number is expected."""

# Letters that look like other letters are what is tested here.
# ruff: noqa: RUF001

from hypothesis import strategies as st

# Everything a program can send, lone surrogates included.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)
ODD_TEXT = st.sampled_from(
    [
        "",
        " ",
        "\x00\x01\x1f\x7f\x85",
        "\ud800",
        "👩🏽‍🚀🚀❤️",
        "שלום עולם",
        "مرحبا بالعالم",
        "\u202eevil\u202c",
        "%_\\'\"`;--",
        "a" * 10_000,
        "é" * 10_000,
        "ab " * 4_000,
        "a b c " * 2_000,
        "ﷺ" * 255,
        "1" * 10_000,
        "+" * 10_000,
        "@" * 10_000,
        "." * 10_000,
        "a@" + "b." * 5_000 + "com",
        "ü." * 5_000,
        "((((" * 2_000,
        "gmbh " * 2_000,
    ]
)
# fmt: off
NAMES_AND_FORMS = st.lists(
    st.sampled_from([
        "The", "the", "&", "+", ".", ",", "A", "B", "ß", "ø", "İ", "ﬁ", "GmbH", "Co.", "KG", "S.",
        "p.", "à", "r.l.", "AB", "(publ)", "株式会社", "㈱", "ООО", "Ltd", "Müller", "Ö", "7", "'n",
    ]),
    max_size=12,
).flatmap(lambda words: st.sampled_from([" ", ""]).map(lambda space: space.join(words)))
# fmt: on
PHONE_LIKE = st.text("0123456789+-.()/ x#~e", max_size=25)
TEXTS = ANY_TEXT | ODD_TEXT | NAMES_AND_FORMS | PHONE_LIKE
