from django.urls import path

from pledges.views import desk, editor, opinions, public, public_opinions, steps

app_name = "pledges"
urlpatterns = [
    path("pledges/", public.index, name="public_list"),
    path("pledges/feed/", public.rss, name="rss"),
    path("pledges/feed/atom/", public.atom, name="atom"),
    path("pledges/<int:pk>/", public.detail, name="public_detail"),
    # 群众意见: anyone leaves one and looks it up, the organization answers
    path("pledges/<int:pk>/opinion/", public_opinions.leave, name="leave_opinion"),
    path("pledges/<int:pk>/opinions/", public_opinions.answers, name="public_answers"),
    path("opinions/", public_opinions.look_up, name="look_up_opinion"),
    path("desk/opinions/", opinions.index, name="opinions"),
    path("desk/opinions/<int:pk>/", opinions.detail, name="opinion"),
    path("desk/opinions/<int:pk>/draft/", opinions.draft, name="opinion_draft"),
    path("desk/opinions/<int:pk>/<slug:verb>/", opinions.step, name="opinion_step"),
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
    path("desk/pledges/<int:pk>/<slug:verb>/", steps.step, name="step"),
]
