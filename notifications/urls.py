from django.urls import path

from notifications.views import desk

app_name = "notifications"
urlpatterns = [
    path("desk/notices/", desk.index, name="index"),
    path("desk/notices/<int:pk>/", desk.open_notice, name="open"),
    path("desk/notices/read-all/", desk.read_all, name="read_all"),
    path("desk/notices/mail/", desk.set_mail, name="set_mail"),
]
