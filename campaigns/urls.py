from django.urls import path

from campaigns.views import calendar, desk, progress, public, public_calendar, robot, special_days

app_name = "campaigns"
urlpatterns = [
    path("campaign/", public.current, name="public"),
    path("campaign/<slug:code>/", public.detail, name="public_detail"),
    path("desk/campaigns/", desk.index, name="index"),
    path("desk/campaigns/new/", desk.create, name="create"),
    path("desk/campaigns/<int:pk>/", desk.detail, name="detail"),
    path("desk/campaigns/<int:pk>/close/", desk.close, name="close"),
    path("desk/special-days/", special_days.index, name="special_days"),
    path("desk/special-days/<int:pk>/remove/", special_days.remove, name="special_day_remove"),
    path("desk/progress/", progress.index, name="progress"),
    path("desk/progress/owing/", progress.owing, name="owing"),
    path("desk/progress/urge/", progress.urge, name="urge"),
    path("desk/progress/robot/", robot.index, name="robot"),
    path("desk/progress/robot/<int:pk>/set/", robot.set_robot, name="robot_set"),
    path("desk/progress/robot/<int:pk>/switch/", robot.switch, name="robot_switch"),
    path("desk/progress/robot/<int:pk>/test/", robot.try_out, name="robot_test"),
    path("desk/calendar/", calendar.index, name="calendar"),
    path("desk/calendar/revoke/", calendar.revoke, name="calendar_revoke"),
    path("calendar/<slug:token>.ics", public_calendar.feed, name="calendar_feed"),
    path("desk/progress/<int:pk>/", progress.assignment, name="assignment"),
    path("desk/progress/<int:pk>/extend/", progress.extend, name="extend"),
    path("desk/progress/<int:pk>/waive/", progress.waive, name="waive"),
    path("desk/progress/concessions/<int:pk>/revoke/", progress.revoke, name="revoke"),
]
