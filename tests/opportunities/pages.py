"""What tests of the pages of deals do as a person would."""

from django.urls import reverse
from playwright.sync_api import Locator, Page


def asked_on_the_board(page: Page, name: str, *, to: str) -> Locator:
    """The dialog that asks for what a card lacks, which is to go to another stage."""
    page.goto(reverse("opportunities:board"))
    card = page.locator("[data-card]", has_text=name)
    card.locator("summary").click()
    card.get_by_label("Move to", exact=True).select_option(label=to)
    card.get_by_role("button", name="Move", exact=True).click()
    return page.get_by_role("dialog")
