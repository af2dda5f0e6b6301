from django.urls import path

from campaigns.views import desk, progress, public, special_days, summaries

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
    path("desk/progress/<int:pk>/", progress.assignment, name="assignment"),
    path("desk/progress/<int:pk>/extend/", progress.extend, name="extend"),
    path("desk/progress/<int:pk>/waive/", progress.waive, name="waive"),
    path("desk/progress/concessions/<int:pk>/revoke/", progress.revoke, name="revoke"),
    path("desk/summaries/", summaries.index, name="summaries"),
    path("desk/summaries/new/", summaries.new, name="summary_new"),
    path("desk/summaries/<int:pk>/", summaries.detail, name="summary"),
    path("desk/summaries/<int:pk>/edit/", summaries.edit, name="summary_edit"),
    path("desk/summaries/<int:pk>/document/", summaries.document, name="summary_document"),
    path("desk/summaries/<int:pk>/<slug:verb>/", summaries.step, name="summary_step"),
]
