"""Addresses of the search."""

from django.urls import path

from reporting import search_views

app_name = "search"

urlpatterns = [
    path("search/", search_views.search_page, name="search"),
    path("search/palette/", search_views.palette, name="palette"),
]
