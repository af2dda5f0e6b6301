from django.urls import path

from organizations.views import (
    acting,
    audit,
    browse,
    changes,
    exports,
    imports,
    members,
    permissions,
    posts,
    public,
)

app_name = "organizations"
urlpatterns = [
    # open to anyone
    path("organizations/", public.index, name="public_list"),
    path("organizations/pick/", public.pick, name="public_pick"),
    path("organizations/<int:pk>/", public.detail, name="public_detail"),
    # the tree and one organization
    path("desk/organizations/", browse.browse, name="browse"),
    path("desk/organizations/pick/", browse.pick, name="pick"),
    path("desk/organizations/pick/<str:scope>/", browse.pick, name="pick_in"),
    path("desk/organizations/<int:pk>/", browse.detail, name="detail"),
    path("desk/organizations/<int:pk>/children/", browse.children, name="children"),
    path("desk/organizations/<int:pk>/change/<slug:verb>/", changes.change, name="change"),
    # posts and accounts
    path("desk/organizations/<int:pk>/posts/", posts.posts, name="posts"),
    path("desk/organizations/<int:pk>/posts/<slug:way>/", posts.appoint, name="appoint"),
    path("desk/posts/<int:pk>/relieve/", posts.relieve, name="relieve"),
    path("desk/people/<int:pk>/", posts.person, name="person"),
    path("desk/people/<int:pk>/password/", posts.password, name="password"),
    path("desk/people/<int:pk>/<slug:action>/", posts.account, name="account"),
    # roster
    path("desk/organizations/<int:pk>/members/new/", members.add, name="member_add"),
    path("desk/members/", members.members, name="members"),
    path("desk/members/<int:pk>/", members.member, name="member"),
    path("desk/members/<int:pk>/edit/", members.edit, name="member_edit"),
    path("desk/members/<int:pk>/phone/", members.phone, name="member_phone"),
    path("desk/members/<int:pk>/<slug:step>/", members.step, name="member_step"),
    # roster import and export
    path("desk/imports/", imports.imports, name="imports"),
    path("desk/imports/new/", imports.new, name="import_new"),
    path("desk/imports/template/", imports.template, name="import_template"),
    path("desk/imports/<int:pk>/", imports.detail, name="import"),
    path("desk/imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("desk/imports/<int:pk>/problems/", imports.problems, name="import_problems"),
    path("desk/imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("desk/imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("desk/export/organizations/", exports.organizations, name="export_organizations"),
    path("desk/export/members/", exports.members, name="export_members"),
    # permissions and the audit
    path("desk/act-as/", acting.act_as, name="act_as"),
    path("desk/permissions/", permissions.mine, name="my_permissions"),
    path("desk/permissions/of/<int:pk>/", permissions.of, name="permissions_of"),
    path("desk/audit/", audit.audit, name="audit"),
]
