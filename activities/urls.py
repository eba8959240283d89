from django.urls import path

from activities import views

app_name = "activities"

urlpatterns = [
    path("activities/log/", views.log, name="log"),
    path("activities/of/<slug:record_type>/<int:pk>/", views.record_timeline, name="timeline"),
    path("activities/<int:pk>/edit/", views.edit, name="edit"),
    path("activities/<int:pk>/delete/", views.delete, name="delete"),
    path("activities/<int:pk>/done/", views.done, name="done"),
    path("activities/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("activities/files/<int:pk>/", views.file, name="file"),
    path("tasks/", views.tasks, name="tasks"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/read/", views.read, name="read"),
]
