from enum import Enum

from django.db import models


class Post(models.TextChoices):
    """A post (职务) a person holds at one organization."""

    SECRETARY = "secretary", "书记"
    DEPUTY_SECRETARY = "deputy_secretary", "副书记"
    LIAISON = "liaison", "联络员"
    OFFICE = "office", "领导小组办公室"
    OFFICE_DIRECTOR = "office_director", "领导小组办公室主任"
    GROUP_HEAD = "group_head", "领导小组组长"
    GROUP_MEMBER = "group_member", "领导小组成员"
    DISCIPLINE = "discipline", "纪检委员"
    FIRST_RESPONSIBLE = "first_responsible", "第一责任人"
    DIRECT_RESPONSIBLE = "direct_responsible", "直接责任人"


# One holder at a time; the others may be several (领导小组成员, 联络员, 副书记 …).
SINGLE_HOLDER = frozenset({Post.SECRETARY, Post.FIRST_RESPONSIBLE, Post.OFFICE_DIRECTOR, Post.GROUP_HEAD})


# Whoever holds one vets, approves publication, leads or oversees: others fill it (organizations.appointing).
DECIDING = frozenset({Post.SECRETARY, Post.OFFICE_DIRECTOR, Post.GROUP_HEAD, Post.DISCIPLINE})


class Reach(Enum):
    """How far a post carries along the affiliation chain (隶属关系)."""

    OWN = "本组织"
    NEXT_BELOW = "直接下级"
    BELOW = "全部下级"
    OWN_AND_BELOW = "本组织及全部下级"


CODENAME = "act_as_{}"  # guardian's permission for a post
