"""Addresses of deals, of the products in them, and of exchange rates."""

from django.urls import path

from opportunities.views import board, bulk, listing, moving, parts, records, settings

app_name = "opportunities"

urlpatterns = [
    path("opportunities/", listing.opportunity_list, name="list"),
    path("opportunities/filter/", listing.opportunity_filter, name="filter"),
    path("opportunities/bulk/", bulk.opportunity_bulk, name="bulk"),
    path("opportunities/board/", board.opportunity_board, name="board"),
    path("opportunities/board/<int:pk>/move/", board.board_move, name="board_move"),
    path("opportunities/new/", records.opportunity_create, name="create"),
    path("opportunities/<int:pk>/", records.opportunity_detail, name="detail"),
    path("opportunities/<int:pk>/edit/", records.opportunity_edit, name="edit"),
    path("opportunities/<int:pk>/history/", records.opportunity_history, name="history"),
    path("opportunities/<int:pk>/assign/", records.opportunity_assign, name="assign"),
    path("opportunities/<int:pk>/delete/", records.opportunity_delete, name="delete"),
    path("opportunities/<int:pk>/move/", moving.opportunity_move, name="move"),
    path("opportunities/<int:pk>/close/", moving.opportunity_close, name="close"),
    path("opportunities/<int:pk>/reopen/", moving.opportunity_reopen, name="reopen"),
    path("opportunities/<int:pk>/people/", parts.opportunity_people, name="people"),
    path(
        "opportunities/<int:pk>/people/<int:role>/remove/",
        parts.opportunity_person_remove,
        name="person_remove",
    ),
    path("opportunities/<int:pk>/products/", parts.opportunity_products, name="line_items"),
    path("accounts/<int:pk>/opportunities/", parts.opportunities_of_account, name="of_account"),
    path("contacts/<int:pk>/opportunities/", parts.opportunities_of_contact, name="of_contact"),
    path("settings/products/", settings.product_list, name="products"),
    path("settings/products/new/", settings.product_create, name="product_create"),
    path("settings/products/<int:pk>/", settings.product_edit, name="product_edit"),
    path("settings/exchange-rates/", settings.rate_list, name="rates"),
]
