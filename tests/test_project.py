"""What holds for the whole project and nobody remembers."""

import re
import subprocess
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

from tests.addresses import PAGES, PUBLIC, pages

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def template_names():
    return [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]


def test_every_page_has_a_name_of_its_own():
    names = [name for name, view in pages()]
    assert [name for name in names if name.endswith("None")] == []
    assert len(PAGES) > len(PUBLIC)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_only_the_sign_in_pages_are_public(name):
    view = PAGES[name]
    if hasattr(view, "cls"):
        # The API lets SignInMiddleware pass, and asks for itself.
        names = {permission.__name__ for permission in view.cls.permission_classes}
        assert names, f"{name} asks for no permission"
        assert "AllowAny" not in names
    else:
        assert getattr(view, "login_required", True) is (name not in PUBLIC)


@pytest.mark.parametrize("name", template_names())
def test_template_compiles(name):
    assert get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=template_names())
def test_template_needs_nothing_that_the_policy_forbids(path):
    """Inline scripts and styles, and htmx features that evaluate code, would silently not work."""
    source = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"<style", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", source)
    assert not re.search(r"\son\w+=", source)
    assert not re.search(r"hx-on[:-]", source)
    assert not re.search(r"""hx-trigger=["'][^"']*\[""", source)
    assert not re.search(r"""["']js:""", source)
    assert not re.search(r"javascript:", source)


def test_templates_mark_nothing_as_safe():
    """User content reaches a page escaped, or through the sanitizer."""
    assert engines["django"].engine.autoescape
    unsafe = re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off")
    assert [path.name for path in TEMPLATES if unsafe.search(path.read_text())] == []


def test_every_variable_is_explained():
    """.env.example lists exactly the variables that are read."""
    sources = [
        *(ROOT / "crm").rglob("*.py"),
        *(path for path in (ROOT / "deploy").iterdir() if path.is_file()),
        ROOT / "docker-compose.yml",
    ]
    own = {path for path in sources if path.name != "settings_test.py"}
    text = "\n".join(path.read_text() for path in own)
    read = set(re.findall(r"""environ(?:\.get\(|\.setdefault\(|\[)["']([A-Z_]+)""", text))
    read |= set(re.findall(r"""env_\w+\(\s*["']([A-Z_]+)""", text))
    read |= set(re.findall(r"\$\{([A-Z_]+)", text))
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert explained == read - {"DJANGO_SETTINGS_MODULE"}


def test_every_command_of_make_is_explained():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    commands = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
    assert {
        "help", "setup", "run", "test", "check", "bench", "demo", "rehearsal", "docker", "proof",
        "lint", "format", "types",
    } <= commands  # fmt: skip


def test_make_trusts_whom_the_system_trusts(monkeypatch):
    """Behind a proxy uv would refuse the package index, and the first start would be slow."""
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    probe = ["make", "--no-print-directory", "--eval", "probe: ; @echo $$UV_SYSTEM_CERTS", "probe"]
    assert subprocess.run(probe, cwd=ROOT, capture_output=True, text=True).stdout == "true\n"
