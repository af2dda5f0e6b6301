from django.urls import path

from pledges.views import desk, editor, public, publication, steps, vetting

app_name = "pledges"
urlpatterns = [
    path("pledges/", public.index, name="public_list"),
    path("pledges/feed/", public.rss, name="rss"),
    path("pledges/feed/atom/", public.atom, name="atom"),
    path("pledges/<int:pk>/", public.detail, name="public_detail"),
    path("desk/published/", desk.published, name="published"),
    path("desk/published/<int:pk>/", desk.publication, name="publication"),
    path("desk/pledges/", desk.index, name="index"),
    path("desk/pledges/new/", desk.new, name="new"),
    path("desk/pledges/<int:pk>/", desk.detail, name="detail"),
    path("desk/pledges/<int:pk>/copy/", desk.copy, name="copy"),
    path("desk/pledges/<int:pk>/discard/", desk.discard, name="discard"),
    path("desk/pledges/<int:pk>/edit/", editor.edit, name="edit"),
    path("desk/pledges/<int:pk>/autosave/", editor.autosave, name="autosave"),
    path("desk/pledges/<int:pk>/resolve/", editor.resolve, name="resolve"),
    # 审诺, item by item and in bulk; 公诺 of a branch's batch
    path("desk/vetting/", vetting.index, name="vetting"),
    path("desk/vetting/<int:pk>/return/", vetting.return_item, name="return_item"),
    path("desk/pledges/<int:pk>/vet/", vetting.vet, name="vet"),
    path("desk/pledges/<int:pk>/vet/<slug:key>/again/", vetting.again, name="vet_again"),
    path("desk/publication/", publication.index, name="publication_batches"),
    path("desk/publication/<int:pk>/<slug:step>/", publication.batch, name="batch"),
    path("desk/pledges/<int:pk>/<slug:verb>/", steps.step, name="step"),
]
