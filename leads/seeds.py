"""What a new installation starts with: statuses, playbooks with their paths, score rules."""

# Name, kind, whether it is the usual status of its kind.
STATUSES = [
    ("New", "new", True),
    ("Working", "working", True),
    ("Nurturing", "nurturing", True),
    ("Qualified", "qualified", True),
    ("Disqualified", "disqualified", True),
    ("Converted", "converted", True),
]

BANT = [
    ("budget", "Budget", "Is there money, how much, and from which budget?"),
    ("authority", "Authority", "Who decides and who signs?"),
    ("need", "Need", "What problem do they want solved, in their words?"),
    ("timeline", "Timeline", "When do they want to start, and what forces that date?"),
    ("meeting", "Meeting", "Has a meeting been held or agreed?"),
    ("trial", "Trial", "Have they tried the product, and what came of it?"),
]
# Key, name, description, required criteria, optional criteria, approval, approver rule.
BANT_PATHS = [
    (
        "meeting_held",
        "Meeting held",
        "They met us, and budget, authority, need and timeline are confirmed.",
        ["budget", "authority", "need", "timeline", "meeting"],
        [],
        "unless_allowed",
        "account_owner",
    ),
    (
        "phone_interest",
        "Interested by phone, no meeting possible",
        "They will not meet, but said on the phone that they want to buy.",
        ["need", "authority", "timeline"],
        ["budget"],
        "always",
        "account_owner",
    ),
    (
        "trial_first",
        "Trial before meeting",
        "They try the product first; the result of the trial counts.",
        ["need", "trial"],
        ["authority", "timeline"],
        "always",
        "chosen",
    ),
]

MEDDIC = [
    ("metrics", "Metrics", "What is the measurable gain, and do they agree with it?"),
    ("economic_buyer", "Economic buyer", "Who can spend the money, and have we met?"),
    ("decision_criteria", "Decision criteria", "By what will they judge?"),
    ("decision_process", "Decision process", "Which steps and whose signatures are left?"),
    ("pain", "Identified pain", "What happens if they do nothing?"),
    ("champion", "Champion", "Who sells for us when we are not in the room?"),
]

# Kind, label, field, operator, value, points, half-life in days.
SCORE_RULES = [
    ("fit", "Company known", "company", "filled", "", 10, None),
    ("fit", "Work email", "domain_key", "filled", "", 15, None),
    ("fit", "Phone known", "phone", "filled", "", 5, None),
    (
        "fit",
        "Decision maker by title",
        "title",
        "contains",
        "chief|vp|head|director|owner",
        15,
        None,
    ),
    ("fit", "50 employees or more", "employees", "at_least", "50", 10, None),
    ("fit", "Product interest", "products", "filled", "", 10, None),
    ("fit", "Rated hot", "rating", "equals", "hot", 15, None),
    ("behavior", "Call connected", "call", "equals", "connected", 12, 14),
    ("behavior", "Meeting", "meeting", "filled", "", 20, 21),
    ("behavior", "Email received", "email", "equals", "inbound", 10, 14),
]
