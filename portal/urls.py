from django.urls import path

from portal.views import desk, health, public, system

app_name = "portal"
urlpatterns = [
    path("", public.home, name="home"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("size/", public.size, name="size"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("desk/", desk.index, name="desk"),
    path("desk/keepalive/", desk.keepalive, name="keepalive"),
    path("desk/style/", desk.style, name="style"),
    path("desk/system/", system.index, name="system"),
    path("desk/system/remind/", system.remind_now, name="remind_now"),
    path("desk/system/<str:sort>/<int:pk>/<str:verb>/", system.treat, name="treat"),
]
