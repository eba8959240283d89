from django.urls import path

from people.views import profile

app_name = "people"

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/absence/", profile.delegate, name="delegate"),
    path("profile/absence/<int:pk>/end/", profile.delegate_end, name="delegate_end"),
    path("people/<int:pk>/", profile.user, name="user"),
]
