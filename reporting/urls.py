"""Addresses of the dashboards."""

from django.urls import path

from reporting import views

app_name = "reporting"

urlpatterns = [
    path("dashboards/pipeline/", views.pipeline, name="pipeline"),
]
