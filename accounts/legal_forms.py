"""Legal forms of companies, as they look after `accounts.keys` has folded a name.

The list of `cleanco` (https://github.com/psolin/cleanco), less what is also an everyday word or a
country, plus what it misses. "Vodafone UK" and "Vodafone NL" are two customers, although "UK" and
"NL" are legal forms somewhere.
"""

# Cyrillic letters that look like Latin ones are meant.
# ruff: noqa: RUF001

import unicodedata

from cleanco.clean import get_unique_terms

# Of cleanco's forms with two letters only these: most others are countries or initials.
_SHORT_FORMS = """
    ab ag as bv co cv ek ev gk hb hf kb kg kk ky lp nv oe og ou oy sa se sl
"""

# Words, names and abbreviations that cleanco takes for a legal form.
_ORDINARY_WORDS = """
    coop cic cio cpt dat ead ent epe esv etat fcp fie fop gie gte iks koop nuf ong pse psu private
    sab sad sal scoop sem sep ses sgr sha ska spk stg tapui tdv teo tov vat
"""

_MISSING_FORMS = """
    aktiebolag
    aktiengesellschaft
    aktieselskab
    and cie
    anonim sirketi
    besloten vennootschap
    cie
    cjsc
    dmcc
    eireli
    ek
    eood
    fz llc
    fzco
    fze
    gesellschaft mit beschrankter haftung
    gesmbh
    gmbh
    jsc
    kabushiki kaisha
    kommanditgesellschaft
    limitada
    limited liability company
    ltd sti
    mbh
    naamloze vennootschap
    ojsc
    osakeyhtio
    pjsc
    private limited
    pty
    publ
    pvt
    s de rl de cv
    sab de cv
    sapi de cv
    sociedad anonima
    societa per azioni
    societe anonyme
    spolka akcyjna
    spolka z ograniczona odpowiedzialnoscia
    tbk
    ug
    ug haftungsbeschrankt
    wll
    ао
    зао
    оао
    ооо
    пао
    тов
    株
    有
"""

# Written without a space before or behind the name.
ATTACHED_FORMS = (
    "株式会社",
    "有限会社",
    "合同会社",
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "주식회사",
    "유한회사",
)

LEADING_FORMS = frozenset(
    {"the", "ао", "зао", "оао", "ооо", "пао", "тов", "株", "有", *ATTACHED_FORMS}
)


def _joined_words(term: str) -> str:
    plain = unicodedata.normalize("NFKD", term.casefold()).replace("&", "and").replace("ł", "l")
    return "".join(character for character in plain if character.isalnum())


LEGAL_FORMS: frozenset[str] = frozenset(
    form
    for form in map(_joined_words, get_unique_terms())
    if (form in _SHORT_FORMS.split() if len(form) < 3 else form not in _ORDINARY_WORDS.split())
).union(
    (form.replace(" ", "") for form in _MISSING_FORMS.strip().split("\n")),
    ATTACHED_FORMS,
)
"""Legal forms without spaces: "spzoo", "gmbhandcokg"."""

LONGEST_LEGAL_FORM = 6
"""Words in the longest way to write one: "s de r l de c v" reads "s de rl de cv"."""
