"""
What is asked of a lead once it is converted: it can be read, and never be changed.

The same people as in the table; the rows are those whose address names Rita's lead. Leo sees
the lead now, because he approved it.
"""

ABOUT_HER_LEAD = {
    "api:lead-assign",
    "api:lead-claim",
    "api:lead-conversion-conversion-preview",
    "api:lead-conversion-conversion-requests",
    "api:lead-conversion-convert",
    "api:lead-detail",
    "api:lead-matches",
    "api:lead-qualification",
    "api:lead-status",
    "conversion:convert",
    "conversion:submit",
    "leads:answer",
    "leads:assign",
    "leads:delete",
    "leads:detail",
    "leads:edit",
    "leads:evidence",
    "leads:next_step",
    "leads:preview",
    "leads:related",
    "leads:status",
}

CONVERTED = [
    # url name                                 method     rita nadia soren leo ada
    ("api:lead-conversion-conversion-preview", "post",    409, 409, 404, 409, 409),
    ("api:lead-conversion-conversion-requests","post",    409, 409, 404, 403, 409),
    ("api:lead-conversion-convert",            "post",    409, 409, 404, 409, 409),
    ("conversion:convert",                     "get",     302, 302, 404, 302, 302),
    ("conversion:convert",                     "post",    302, 302, 404, 302, 302),
    ("conversion:submit",                      "get",     302, 302, 404, 302, 302),
    ("conversion:submit",                      "post",    302, 302, 404, 302, 302),
    ("api:lead-assign",                        "post",    200, 200, 404, 403, 200),
    ("api:lead-claim",                         "delete",  204, 204, 404, 204, 204),
    ("api:lead-claim",                         "post",    409, 409, 404, 403, 409),
    ("api:lead-detail",                        "delete",  409, 409, 404, 403, 409),
    ("api:lead-detail",                        "get",     200, 200, 404, 200, 200),
    ("api:lead-detail",                        "patch",   409, 409, 404, 403, 409),
    ("api:lead-matches",                       "get",     200, 200, 404, 200, 200),
    ("api:lead-qualification",                 "get",     200, 200, 404, 200, 200),
    ("api:lead-qualification",                 "put",     409, 409, 404, 403, 409),
    ("api:lead-status",                        "post",    409, 409, 404, 403, 409),
    ("leads:answer",                           "get",     403, 403, 404, 403, 403),
    ("leads:answer",                           "post",    403, 403, 404, 403, 403),
    ("leads:assign",                           "get",     200, 200, 404, 403, 200),
    ("leads:assign",                           "post",    302, 302, 404, 403, 302),
    ("leads:delete",                           "get",     403, 403, 404, 403, 403),
    ("leads:delete",                           "post",    403, 403, 404, 403, 403),
    ("leads:detail",                           "get",     200, 200, 404, 200, 200),
    ("leads:edit",                             "get",     403, 403, 404, 403, 403),
    ("leads:edit",                             "post",    403, 403, 404, 403, 403),
    ("leads:evidence",                         "get",     403, 403, 404, 403, 403),
    ("leads:evidence",                         "post",    403, 403, 404, 403, 403),
    ("leads:next_step",                        "get",     403, 403, 404, 403, 403),
    ("leads:next_step",                        "post",    403, 403, 404, 403, 403),
    ("leads:preview",                          "get",     302, 302, 404, 302, 302),
    ("leads:related",                          "get",     200, 200, 404, 200, 200),
    ("leads:status",                           "get",     403, 403, 404, 403, 403),
    ("leads:status",                           "post",    403, 403, 404, 403, 403),
]  # fmt: skip
