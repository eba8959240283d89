"""The five roles a new installation starts with: record type -> action -> level."""

WORK = ("view", "create", "edit", "delete", "assign", "export")
RECORDS = ("lead", "account", "contact", "opportunity", "activity")

# What everybody may read: colleagues' names, teams, and the lists of configuration.
DIRECTORY = {
    "user": {"view": "all"},
    "team": {"view": "all"},
    "settings": {"view": "all"},
}


def everything(level: str) -> dict[str, dict[str, str]]:
    """All work on all records, and both sides of the handoff, at one level."""
    return DIRECTORY | {
        **{record: dict.fromkeys(WORK, level) for record in RECORDS},
        "lead": dict.fromkeys((*WORK, "request", "convert"), level),
        "request": dict.fromkeys(("view", "edit", "decide", "assign"), level),
        "conversion": dict.fromkeys(("view", "override_duplicates"), level),
        "report": dict.fromkeys(("view", "export"), level),
        "import": dict.fromkeys(("view", "create"), level),
    }


ROLES = {
    "sdr": (
        "SDR",
        "Qualifies leads and requests their conversion.",
        DIRECTORY
        | {
            "lead": dict.fromkeys(("view", "create", "edit", "delete", "assign", "request"), "own"),
            "account": {"view": "team"},
            "contact": {"view": "team"},
            "opportunity": {"view": "team"},
            "activity": dict.fromkeys(("view", "create", "edit", "delete"), "own"),
            "request": {"view": "own", "edit": "own"},
            "conversion": {"view": "own"},
            "report": {"view": "own"},
            "import": {"view": "own", "create": "own"},
        },
    ),
    "ae": (
        "AE",
        "Decides conversion requests and works deals.",
        DIRECTORY
        | {
            "lead": dict.fromkeys((*WORK, "request", "convert"), "own"),
            "account": {"view": "team"}
            | dict.fromkeys(("create", "edit", "delete", "assign", "export"), "own"),
            "contact": {"view": "team"}
            | dict.fromkeys(("create", "edit", "delete", "assign", "export"), "own"),
            "opportunity": {"view": "team"}
            | dict.fromkeys(("create", "edit", "delete", "assign", "export"), "own"),
            "activity": dict.fromkeys(("view", "create", "edit", "delete"), "own"),
            "request": dict.fromkeys(("view", "edit", "decide", "assign"), "own"),
            "conversion": dict.fromkeys(("view", "override_duplicates"), "own"),
            "report": {"view": "own"},
            "import": {"view": "own", "create": "own"},
        },
    ),
    "manager": (
        "Manager",
        "Sees and works everything of their team and the teams below.",
        everything("subtree"),
    ),
    "admin": (
        "Admin",
        "Runs the system: users, roles, teams, settings, imports.",
        everything("all")
        | {
            "user": dict.fromkeys(("view", "create", "edit"), "all"),
            "team": dict.fromkeys(("view", "create", "edit", "delete"), "all"),
            "settings": dict.fromkeys(("view", "edit"), "all"),
        },
    ),
    "integration": (
        "Integration",
        "A program that works through the REST API.",
        DIRECTORY
        | {
            **{record: dict.fromkeys(("view", "create", "edit"), "all") for record in RECORDS},
            "lead": dict.fromkeys(("view", "create", "edit", "request"), "all"),
            "request": {"view": "all", "edit": "own"},
            "conversion": {"view": "all"},
            "report": {"view": "all"},
        },
    ),
}
