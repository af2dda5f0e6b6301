from django.urls import path

from campaigns.views import desk, progress, public, rules, special_days

app_name = "campaigns"
urlpatterns = [
    path("campaign/", public.current, name="public"),
    path("campaign/<slug:code>/", public.detail, name="public_detail"),
    path("desk/campaigns/", desk.index, name="index"),
    path("desk/campaigns/new/", desk.create, name="create"),
    path("desk/campaigns/<int:pk>/", desk.detail, name="detail"),
    path("desk/campaigns/<int:pk>/close/", desk.close, name="close"),
    path("desk/campaigns/<int:pk>/rules/", rules.index, name="rules"),
    path("desk/campaigns/<int:pk>/phases/<int:number>/", rules.phase, name="phase"),
    path("desk/campaigns/<int:pk>/windows/<int:window>/", rules.window, name="window"),
    path("desk/campaigns/<int:pk>/obligations/<int:obligation>/", rules.obligation, name="obligation"),
    path(
        "desk/campaigns/<int:pk>/obligations/<int:obligation>/change/", rules.change, name="obligation_change"
    ),
    path(
        "desk/campaigns/<int:pk>/obligations/<int:obligation>/vary/<int:organization>/",
        rules.vary,
        name="vary",
    ),
    path(
        "desk/campaigns/<int:pk>/obligations/<int:obligation>/restore/<int:organization>/",
        rules.restore,
        name="restore",
    ),
    path("desk/campaigns/<int:pk>/ladder/new/", rules.rung, name="rung_new"),
    path("desk/campaigns/<int:pk>/ladder/<int:number>/", rules.rung, name="rung"),
    path("desk/campaigns/<int:pk>/ladder/<int:number>/remove/", rules.rung_remove, name="rung_remove"),
    path("desk/campaigns/<int:pk>/texts/", rules.texts, name="texts"),
    path("desk/campaigns/<int:pk>/template/", rules.template, name="template"),
    path("desk/special-days/", special_days.index, name="special_days"),
    path("desk/special-days/<int:pk>/remove/", special_days.remove, name="special_day_remove"),
    path("desk/progress/", progress.index, name="progress"),
    path("desk/progress/owing/", progress.owing, name="owing"),
    path("desk/progress/urge/", progress.urge, name="urge"),
    path("desk/progress/<int:pk>/", progress.assignment, name="assignment"),
    path("desk/progress/<int:pk>/extend/", progress.extend, name="extend"),
    path("desk/progress/<int:pk>/waive/", progress.waive, name="waive"),
    path("desk/progress/concessions/<int:pk>/revoke/", progress.revoke, name="revoke"),
]
