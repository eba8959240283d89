from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class CrmConfig(AppConfig):
    name = "crm"
    # The module has two configurations, and this is the one of the app "crm".
    default = True


class RelayStaticFilesConfig(StaticFilesConfig):
    """What packages bring beside the files that pages ask for is not collected."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        # Pages of other people's apps that we do not have.
        "account",
        "django_htmx",
        "rest_framework",
        "redoc",
        # The sources, variants and documentation inside the front-end packages.
        "editors",
        "ext",
        "modular",
        "scripts",
        "skills",
        "scss",
        "src",
        "htmx.esm*",
        "*.md",
        "*.ts",
        "htmax*",
        "htmx.js",
        "Sortable.js",
        "LICENSE*",
        "package.json",
        "metadata.json",
        "unicode.json",
        # Inter's alphabets and cuts beyond those of core.css, and the lists of all of them.
        "inter-cyrillic*",
        "inter-greek*",
        "inter-vietnamese*",
        "*-italic*",
        "*-opsz-*",
        "*-standard-*",
        "index.css",
        "opsz.css",
        "standard.css",
        "wght.css",
    ]
