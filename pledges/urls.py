from django.urls import path

from pledges.views import desk, editor, prints, public, rounds, steps

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
    # rounds, ledger, printables, archives
    path("desk/rounds/", rounds.index, name="rounds"),
    path("desk/rounds/ledger/", rounds.ledger, name="ledger"),
    path("desk/rounds/archives/", rounds.archive_list, name="archives"),
    path("desk/rounds/archives/<int:pk>/", rounds.archive, name="archive"),
    path("desk/rounds/archives/<int:pk>/verify/", rounds.verify, name="archive_verify"),
    path("desk/rounds/archives/<int:pk>/reopen/", rounds.reopen, name="archive_reopen"),
    path("desk/rounds/archives/<int:pk>/download/", rounds.download, name="archive_download"),
    path("desk/rounds/<int:pk>/", rounds.detail, name="round"),
    path("desk/rounds/<int:pk>/close/", rounds.close, name="round_close"),
    path("desk/rounds/<int:phase_pk>/at/<int:pk>/letters/", prints.letters, name="letters"),
    path("desk/rounds/<int:phase_pk>/at/<int:pk>/poster/<slug:matter>/", prints.poster, name="poster"),
    path("desk/pledges/<int:pk>/letter/", prints.letter, name="letter"),
    path("desk/pledges/<int:pk>/<slug:verb>/", steps.step, name="step"),
]
