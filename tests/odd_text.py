"""Text that people and programs really send, and that has broken other systems."""

ODD_TEXTS = {
    "quotes": """O'Neill "Bob" `x` \\ back""",
    "wildcards": "100% _real_ %s {0} %(name)s",
    "emoji": "Zoë 👩‍🚀🇵🇹",
    "right to left": "شركة \u202eabc\u202c עברית",
    "formula": "=HYPERLINK(1)",
    "markup": "<script>alert(1)</script>&amp;{{ 7 }}{% x %}",
    "asian": "株式会社テスト",
    "combining": "Ǎn\u0323a Kovac\u030c",
}
