from django.urls import path

from pledges.views import (
    desk,
    editor,
    entry,
    my_pledge,
    plan_editor,
    plan_files,
    plan_steps,
    plans,
    public,
    public_plans,
    rosters,
    steps,
    workbook,
)

app_name = "pledges"
urlpatterns = [
    path("pledges/", public.index, name="public_list"),
    path("pledges/feed/", public.rss, name="rss"),
    path("pledges/feed/atom/", public.atom, name="atom"),
    path("pledges/<int:pk>/", public.detail, name="public_detail"),
    # plans 活动方案
    path("plans/", public_plans.index, name="public_plans"),
    path("plans/<int:pk>/", public_plans.detail, name="public_plan"),
    path("desk/plans/", plans.index, name="plans"),
    path("desk/plans/new/", plans.new, name="plan_new"),
    path("desk/plans/<int:pk>/", plans.detail, name="plan"),
    path("desk/plans/<int:pk>/versions/", plans.versions, name="plan_versions"),
    path("desk/plans/published/<int:pk>/", plans.summary, name="plan_summary"),
    path("desk/plans/<int:pk>/discard/", plans.discard, name="plan_discard"),
    path("desk/plans/<int:pk>/edit/", plan_editor.edit, name="plan_edit"),
    path("desk/plans/<int:pk>/progress/", plan_editor.progress, name="plan_progress"),
    path("desk/plans/<int:pk>/document/", plan_files.document, name="plan_document"),
    path("desk/plans/<int:pk>/sheet/", plan_files.sheet, name="plan_sheet"),
    path("desk/plans/<int:pk>/upload/", plan_files.upload, name="plan_upload"),
    path("desk/plans/<int:pk>/upload/confirm/", plan_files.confirm, name="plan_confirm"),
    path("desk/plans/<int:pk>/<slug:verb>/", plan_steps.step, name="plan_step"),
    path("desk/published/", desk.published, name="published"),
    path("desk/published/<int:pk>/", desk.publication, name="publication"),
    # members' pledges: one's own, the branch's entry page, its workbook, the numbers below
    path("desk/my-pledge/", my_pledge.my_pledge, name="my_pledge"),
    path("desk/members-pledges/", rosters.branches, name="members_branches"),
    path("desk/members-pledges/<int:organization>/entry/", entry.entry, name="entry"),
    path("desk/members-pledges/<int:organization>/entry/<int:member>/", entry.row, name="entry_row"),
    path(
        "desk/members-pledges/<int:organization>/entry/<int:member>/exemption/",
        entry.exemption,
        name="exemption",
    ),
    path("desk/members-pledges/<int:organization>/workbook/", workbook.upload, name="entry_workbook"),
    path(
        "desk/members-pledges/<int:organization>/workbook/download/", workbook.download, name="entry_download"
    ),
    path("desk/members-pledges/<int:organization>/workbook/confirm/", workbook.confirm, name="entry_confirm"),
    path("desk/pledges/", desk.index, name="index"),
    path("desk/pledges/new/", desk.new, name="new"),
    path("desk/pledges/<int:pk>/", desk.detail, name="detail"),
    path("desk/pledges/<int:pk>/copy/", desk.copy, name="copy"),
    path("desk/pledges/<int:pk>/discard/", desk.discard, name="discard"),
    path("desk/pledges/<int:pk>/edit/", editor.edit, name="edit"),
    path("desk/pledges/<int:pk>/autosave/", editor.autosave, name="autosave"),
    path("desk/pledges/<int:pk>/resolve/", editor.resolve, name="resolve"),
    path("desk/pledges/<int:pk>/<slug:verb>/", steps.step, name="step"),
]
