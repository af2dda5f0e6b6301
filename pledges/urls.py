from django.urls import path

from pledges.views import changes, desk, editor, public, steps

app_name = "pledges"
urlpatterns = [
    path("pledges/", public.index, name="public_list"),
    path("pledges/feed/", public.rss, name="rss"),
    path("pledges/feed/atom/", public.atom, name="atom"),
    path("pledges/members/", public.members, name="public_members"),
    path("pledges/members/feed/", public.members_rss, name="members_rss"),
    path("pledges/members/feed/atom/", public.members_atom, name="members_atom"),
    path("pledges/<int:pk>/", public.detail, name="public_detail"),
    path("desk/published/", desk.published, name="published"),
    path("desk/published/members/", desk.published_members, name="published_members"),
    path("desk/published/<int:pk>/", desk.publication, name="publication"),
    # changes of what is public 变更
    path("desk/changes/", changes.index, name="changes"),
    path("desk/changes/<int:pk>/", changes.detail, name="change"),
    path("desk/changes/<int:pk>/<slug:verb>/", changes.step, name="change_step"),
    path("desk/pledges/<int:pk>/change/", changes.new, name="change_new"),
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
