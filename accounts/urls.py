"""allauth's names for what is open; everything else of allauth (sign-up, mail, reset) has no address here."""

from django.urls import include, path

from accounts.views import desk, public

_own = [
    path("sessions/", desk.sessions, name="sessions"),
    path("sessions/revoke-others/", desk.revoke_others, name="revoke_others"),
    path("sessions/<str:handle>/revoke/", desk.revoke, name="revoke"),
    path("kept/<uuid:token>/", desk.kept, name="kept"),
]
urlpatterns = [
    path("login/", public.sign_in, name="account_login"),
    path("logout/", desk.sign_out, name="account_logout"),
    path("password/change/", desk.change_password, name="account_change_password"),
    path("", include((_own, "accounts"))),
]
