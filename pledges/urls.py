from django.urls import path

from pledges.views import appraisal, desk, editor, fulfilment, public, steps

app_name = "pledges"
urlpatterns = [
    path("pledges/", public.index, name="public_list"),
    path("pledges/feed/", public.rss, name="rss"),
    path("pledges/feed/atom/", public.atom, name="atom"),
    path("pledges/<int:pk>/", public.detail, name="public_detail"),
    path("desk/published/", desk.published, name="published"),
    path("desk/published/<int:pk>/", desk.publication, name="publication"),
    # 践诺 and 评诺
    path("desk/fulfilment/", fulfilment.index, name="fulfilment"),
    path("desk/fulfilment/mine/", fulfilment.mine, name="fulfilment_mine"),
    path("desk/fulfilment/at/<int:pk>/", fulfilment.at, name="fulfilment_at"),
    path("desk/fulfilment/at/<int:pk>/appraisals/", appraisal.at, name="appraisals_at"),
    path("desk/fulfilment/items/<int:pk>/", fulfilment.item, name="fulfilment_item"),
    path("desk/fulfilment/items/<int:pk>/tap/", fulfilment.tap, name="fulfilment_tap"),
    path("desk/fulfilment/items/<int:pk>/<slug:source>/", fulfilment.judge, name="judge"),
    path("desk/fulfilment/attachments/<int:pk>/", fulfilment.attachment, name="progress_attachment"),
    path("desk/fulfilment/appraisals/<int:pk>/", appraisal.detail, name="appraisal"),
    path("desk/fulfilment/appraisals/<int:pk>/<slug:step>/", appraisal.step, name="appraisal_step"),
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
