from django.urls import path

from campaigns.views import desk, documents, progress, public, special_days

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
    path("desk/progress/sheet/", documents.progress_sheet, name="sheet"),
    path("desk/progress/sheet/file/", documents.sheet_file, name="sheet_file"),
    path("desk/progress/owing/file/", documents.owing_file, name="owing_file"),
    path("desk/progress/snapshots/", documents.snapshots, name="snapshots"),
    path("desk/progress/snapshots/take/", documents.snapshot_take, name="snapshot_take"),
    path("desk/progress/snapshots/<int:pk>/sheet/", documents.snapshot_sheet, name="snapshot_sheet"),
    path("desk/progress/snapshots/<int:pk>/circular/", documents.snapshot_circular, name="snapshot_circular"),
    path("desk/progress/<int:pk>/", progress.assignment, name="assignment"),
    path("desk/progress/<int:pk>/extend/", progress.extend, name="extend"),
    path("desk/progress/<int:pk>/waive/", progress.waive, name="waive"),
    path("desk/progress/concessions/<int:pk>/revoke/", progress.revoke, name="revoke"),
]
