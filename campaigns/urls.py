from django.urls import path

from campaigns.views import (
    assignments,
    closing,
    desk,
    documents,
    progress,
    public,
    special_days,
    urging,
)

app_name = "campaigns"
urlpatterns = [
    path("campaign/", public.current, name="public"),
    path("campaign/<slug:code>/", public.detail, name="public_detail"),
    path("desk/campaigns/", desk.index, name="index"),
    path("desk/campaigns/new/", desk.create, name="create"),
    path("desk/campaigns/<int:pk>/", desk.detail, name="detail"),
    path("desk/campaigns/<int:pk>/close/", desk.close, name="close"),
    path("desk/phases/<int:pk>/", closing.phase, name="phase"),
    path("desk/phases/<int:pk>/close/", closing.close, name="phase_close"),
    path("desk/closings/<int:pk>/reopen/", closing.reopen, name="phase_reopen"),
    path("desk/closings/<int:pk>/download/", closing.download, name="phase_download"),
    path("desk/special-days/", special_days.index, name="special_days"),
    path("desk/special-days/<int:pk>/remove/", special_days.remove, name="special_day_remove"),
    path("desk/progress/", progress.index, name="progress"),
    path("desk/progress/owing/", assignments.owing, name="owing"),
    path("desk/progress/urge/", urging.urge, name="urge"),
    path("desk/progress/urgings/", urging.log, name="urgings"),
    path("desk/progress/<int:pk>/", assignments.assignment, name="assignment"),
    path("desk/progress/<int:pk>/extend/", assignments.extend, name="extend"),
    path("desk/progress/<int:pk>/waive/", assignments.waive, name="waive"),
    path("desk/progress/concessions/<int:pk>/revoke/", assignments.revoke, name="revoke"),
    path("desk/progress/sheet/", documents.progress_sheet, name="sheet"),
    path("desk/progress/sheet/file/", documents.sheet_file, name="sheet_file"),
    path("desk/progress/owing/file/", documents.owing_file, name="owing_file"),
    path("desk/progress/snapshots/", documents.snapshots, name="snapshots"),
    path("desk/progress/snapshots/take/", documents.snapshot_take, name="snapshot_take"),
    path("desk/progress/snapshots/<int:pk>/sheet/", documents.snapshot_sheet, name="snapshot_sheet"),
    path("desk/progress/snapshots/<int:pk>/circular/", documents.snapshot_circular, name="snapshot_circular"),
]
