"""The addresses of the settings: people's own pages, and those of every list."""

from django.urls import path

from activities import audit
from crm import jobs, settings_pages
from crm.configuration.views import addresses
from people.views import roles, teams, users, workspace

app_name = "settings"

urlpatterns = [
    path("", settings_pages.index, name="index"),
    path("accept/", settings_pages.accept, name="accept"),
    path("users/", users.user_list, name="users"),
    path("users/invite/", users.user_invite, name="user_invite"),
    path("users/<int:pk>/", users.user_edit, name="user_edit"),
    path("users/<int:pk>/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("users/<int:pk>/reactivate/", users.user_reactivate, name="user_reactivate"),
    path("users/<int:pk>/invite/", users.user_invite_again, name="user_invite_again"),
    path("teams/", teams.team_list, name="teams"),
    path("teams/new/", teams.team_create, name="team_create"),
    path("teams/<int:pk>/", teams.team_edit, name="team_edit"),
    path("teams/<int:pk>/delete/", teams.team_delete, name="team_delete"),
    path("roles/", roles.role_list, name="roles"),
    path("roles/new/", roles.role_create, name="role_create"),
    path("roles/<int:pk>/", roles.role_edit, name="role_edit"),
    path("roles/<int:pk>/delete/", roles.role_delete, name="role_delete"),
    path("workspace/", workspace.workspace, name="workspace"),
    path("audit/", audit.audit_log, name="audit"),
    path("jobs/", jobs.job_list, name="jobs"),
    *(pattern for catalog in settings_pages.CATALOGS for pattern in addresses(catalog)),
]
