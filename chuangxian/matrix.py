"""Who may do what, and how far down the chain. One page that a client can read and sign.

Read a row as: this post may do this, at organizations this far from the one where it is held.
A post that is not named in a row has no such right. Two rules stand above the table and are
enforced in the step (``pledges.flow``): nobody approves or publishes what they or their own
organization submitted (a member's pledge: what they promised themselves; three people have their hands in its
publication), and a liaison's draft needs the secretary's submit. Therefore the posts that
decide (书记, 办公室主任, 领导小组组长, 纪检委员) are filled, and the accounts of their holders reset, from an
organization above and never from their own (``organizations.appointing``). The topmost organization has none
above: its posts and accounts are also in the hands of the system administrator (系统管理员), who holds no post,
and the deciding ones in no other hands.
"""

from organizations.posts import Post as P
from organizations.posts import Reach

OWN, NEXT_BELOW, BELOW, OWN_AND_BELOW = Reach.OWN, Reach.NEXT_BELOW, Reach.BELOW, Reach.OWN_AND_BELOW

MATRIX: dict[str, dict[P, Reach]] = {
    # -- pledges 公开承诺 ------------------------------------------------------------------
    "pledges.view_draft": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.edit_pledge": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.submit_pledge": {P.SECRETARY: OWN},
    "pledges.approve_pledge": {P.SECRETARY: NEXT_BELOW},
    "pledges.propose_pledge": {P.SECRETARY: OWN},
    "pledges.clear_pledge": {P.OFFICE: BELOW},
    "pledges.publish_pledge": {P.OFFICE_DIRECTOR: BELOW},
    "pledges.withdraw_pledge": {P.OFFICE_DIRECTOR: BELOW},
    "pledges.close_round": {P.OFFICE_DIRECTOR: OWN},  # asked for at the root, where campaigns are
    # a member's pledge; whoever promises writes and files their own without any post (ONES_OWN)
    "pledges.edit_member_pledge": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.submit_member_pledge": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.approve_member_pledge": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN},
    "pledges.exempt_member": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.propose_member_pledge": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.clear_member_pledge": {P.DEPUTY_SECRETARY: OWN, P.SECRETARY: NEXT_BELOW, P.LIAISON: NEXT_BELOW},
    "pledges.publish_member_pledge": {P.SECRETARY: OWN},
    "pledges.withdraw_member_pledge": {P.SECRETARY: OWN, P.OFFICE_DIRECTOR: BELOW},
    # what a meeting (评诺会) of the branch said: 群众意见 and 互评
    "pledges.record_meeting": {P.SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.view_pledge": {
        P.LIAISON: OWN,
        P.SECRETARY: OWN_AND_BELOW,
        P.DEPUTY_SECRETARY: OWN_AND_BELOW,
        P.OFFICE: OWN_AND_BELOW,
        P.OFFICE_DIRECTOR: OWN_AND_BELOW,
        P.GROUP_HEAD: OWN_AND_BELOW,
        P.GROUP_MEMBER: OWN_AND_BELOW,
        P.DISCIPLINE: OWN_AND_BELOW,
        P.FIRST_RESPONSIBLE: OWN_AND_BELOW,
        P.DIRECT_RESPONSIBLE: OWN_AND_BELOW,
    },
    # -- plans 活动方案: drafts are read by view_draft, what is filed by view_pledge ---------------
    "pledges.edit_plan": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.submit_plan": {P.SECRETARY: OWN},
    "pledges.approve_plan": {P.SECRETARY: NEXT_BELOW},
    "pledges.propose_plan": {P.SECRETARY: OWN},
    "pledges.clear_plan": {P.OFFICE: BELOW},
    "pledges.publish_plan": {P.OFFICE_DIRECTOR: BELOW},
    "pledges.withdraw_plan": {P.OFFICE_DIRECTOR: BELOW},
    "pledges.archive_plan": {P.OFFICE_DIRECTOR: BELOW},
    # opinions on published pledges 群众意见: read along the chain, answered and reached at home alone
    "pledges.view_opinion": {
        P.LIAISON: OWN,
        P.SECRETARY: OWN_AND_BELOW,
        P.DEPUTY_SECRETARY: OWN_AND_BELOW,
        P.OFFICE: OWN_AND_BELOW,
        P.OFFICE_DIRECTOR: OWN_AND_BELOW,
        P.GROUP_HEAD: OWN_AND_BELOW,
        P.GROUP_MEMBER: OWN_AND_BELOW,
        P.DISCIPLINE: OWN_AND_BELOW,
        P.FIRST_RESPONSIBLE: OWN_AND_BELOW,
        P.DIRECT_RESPONSIBLE: OWN_AND_BELOW,
    },
    "pledges.view_opinion_contact": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.draft_answer": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "pledges.answer_opinion": {P.SECRETARY: OWN},
    "pledges.withdraw_answer": {P.SECRETARY: OWN, P.OFFICE_DIRECTOR: BELOW},
    "pledges.urge_answer": {P.SECRETARY: NEXT_BELOW},
    "pledges.reopen_opinion": {P.SECRETARY: NEXT_BELOW, P.OFFICE_DIRECTOR: BELOW},
    # -- organizations 党组织, roster 花名册, posts 任职 --------------------------------------
    "organizations.manage_organization": {P.OFFICE: OWN_AND_BELOW, P.OFFICE_DIRECTOR: OWN_AND_BELOW},
    "organizations.manage_posts": {P.OFFICE: OWN_AND_BELOW, P.OFFICE_DIRECTOR: OWN_AND_BELOW},
    "organizations.manage_deciders": {P.OFFICE: BELOW, P.OFFICE_DIRECTOR: BELOW},
    "organizations.explain_permissions": {P.OFFICE: OWN_AND_BELOW, P.OFFICE_DIRECTOR: OWN_AND_BELOW},
    "organizations.view_audit": {P.OFFICE_DIRECTOR: OWN_AND_BELOW, P.DISCIPLINE: OWN_AND_BELOW},
    "organizations.view_member": {
        P.LIAISON: OWN,
        P.SECRETARY: OWN_AND_BELOW,
        P.DEPUTY_SECRETARY: OWN_AND_BELOW,
        P.OFFICE: OWN_AND_BELOW,
        P.OFFICE_DIRECTOR: OWN_AND_BELOW,
    },
    "organizations.manage_member": {P.SECRETARY: OWN, P.LIAISON: OWN, P.OFFICE: OWN_AND_BELOW},
    "organizations.view_phone": {P.SECRETARY: OWN, P.LIAISON: OWN, P.OFFICE: OWN_AND_BELOW},
    "organizations.import_roster": {P.SECRETARY: OWN_AND_BELOW, P.OFFICE: OWN_AND_BELOW},
    "organizations.export_roster": {
        P.SECRETARY: OWN_AND_BELOW,
        P.DEPUTY_SECRETARY: OWN_AND_BELOW,
        P.OFFICE: OWN_AND_BELOW,
        P.OFFICE_DIRECTOR: OWN_AND_BELOW,
    },
    # -- campaigns 活动 -------------------------------------------------------------------
    "campaigns.manage_campaign": {P.OFFICE: OWN, P.OFFICE_DIRECTOR: OWN},
    "campaigns.close_phase": {P.OFFICE_DIRECTOR: OWN},  # asked for at the root, as a round's closing
    # an office lets a rule hold more strictly in its own subtree; asked for below the root alone
    "campaigns.vary_obligation": {P.OFFICE: OWN, P.OFFICE_DIRECTOR: OWN},
    # how far everyone has come with what is owed 应办事项; reminders after the last day go to those who may urge
    "campaigns.view_progress": {
        P.LIAISON: OWN,
        P.SECRETARY: OWN_AND_BELOW,
        P.DEPUTY_SECRETARY: OWN_AND_BELOW,
        P.OFFICE: OWN_AND_BELOW,
        P.OFFICE_DIRECTOR: OWN_AND_BELOW,
        P.GROUP_HEAD: OWN_AND_BELOW,
        P.GROUP_MEMBER: OWN_AND_BELOW,
        P.DISCIPLINE: OWN_AND_BELOW,
        P.FIRST_RESPONSIBLE: OWN_AND_BELOW,
        P.DIRECT_RESPONSIBLE: OWN_AND_BELOW,
    },
    "campaigns.urge": {P.SECRETARY: NEXT_BELOW, P.OFFICE: BELOW, P.OFFICE_DIRECTOR: BELOW},
    "campaigns.concede": {P.SECRETARY: NEXT_BELOW, P.OFFICE: BELOW, P.OFFICE_DIRECTOR: BELOW},
    # summaries 小结、总结: drafts are read by whoever may write them, what is filed by view_progress
    "campaigns.edit_summary": {P.SECRETARY: OWN, P.DEPUTY_SECRETARY: OWN, P.LIAISON: OWN},
    "campaigns.submit_summary": {P.SECRETARY: OWN},
    "campaigns.accept_summary": {P.SECRETARY: NEXT_BELOW},
    "campaigns.set_robot": {P.SECRETARY: OWN, P.OFFICE: OWN, P.OFFICE_DIRECTOR: OWN},
}

# What anyone may do with what is their own (本人), whatever posts they hold or none.
ONES_OWN = frozenset({"pledges.edit_member_pledge", "pledges.submit_member_pledge"})

# What each permission is called on the page 我的权限, and the area it stands in there.
LABELS: dict[str, str] = {
    "pledges.view_draft": "查看未报送的承诺和活动方案草稿",
    "pledges.edit_pledge": "起草和修改承诺",
    "pledges.submit_pledge": "把承诺报送上级",
    "pledges.approve_pledge": "审定报送的承诺，书记、副书记个人的承诺也由上级审定",
    "pledges.propose_pledge": "提请公开已审定的承诺",
    "pledges.clear_pledge": "公开前的保密审查",
    "pledges.publish_pledge": "审批承诺的公开",
    "pledges.withdraw_pledge": "撤下已公开的承诺",
    "pledges.close_round": "承诺归档和重新开启（只在全市领导小组办公室）",
    "pledges.edit_member_pledge": "填写党员的承诺（本人的不需要职务）",
    "pledges.submit_member_pledge": "提交党员的承诺（本人的不需要职务）",
    "pledges.approve_member_pledge": "审定党员的承诺（本人的除外）",
    "pledges.exempt_member": "登记党员口头承诺或不作承诺的情形",
    "pledges.propose_member_pledge": "提请公开党员的承诺",
    "pledges.clear_member_pledge": "党员承诺公开前的保密审查",
    "pledges.publish_member_pledge": "公开本支部党员的承诺",
    "pledges.withdraw_member_pledge": "撤下已公开的党员承诺",
    "pledges.view_pledge": "查看已报送的承诺（党组织的和党员的）和活动方案",
    "pledges.edit_plan": "起草和修改活动方案，更新任务进展",
    "pledges.submit_plan": "把活动方案报送上级",
    "pledges.approve_plan": "审核报送的活动方案",
    "pledges.propose_plan": "提请公开活动方案摘要",
    "pledges.clear_plan": "活动方案公开前的保密审查",
    "pledges.publish_plan": "审批活动方案摘要的公开",
    "pledges.withdraw_plan": "撤下已公开的活动方案摘要",
    "pledges.archive_plan": "时段结束时把活动方案归档",
    "pledges.record_meeting": "登记评诺会上群众的意见和党员互评",
    "pledges.view_opinion": "查看群众对承诺的意见和答复（不含联系方式）",
    "pledges.view_opinion_contact": "查看留下意见的群众的联系方式",
    "pledges.draft_answer": "起草对群众意见的答复",
    "pledges.answer_opinion": "答复群众意见，转其他党组织，不予答复，公布答复",
    "pledges.withdraw_answer": "撤下已公布的答复",
    "pledges.urge_answer": "督促下级按期答复群众意见",
    "pledges.reopen_opinion": "要求下级重新办理不予答复的意见",
    "organizations.manage_organization": "成立、更名、调整隶属关系、合并和撤销",
    "organizations.manage_posts": "任职、免职，开通、停用账号和重置密码（书记等四种职务除外）",
    "organizations.manage_deciders": "任免书记、办公室主任、领导小组组长和纪检委员，管理其账号",
    "organizations.explain_permissions": "查询他人有哪些权限",
    "organizations.view_audit": "查看操作记录",
    "organizations.view_member": "查看党员名册（电话只显示首尾）",
    "organizations.manage_member": "登记、修改、转接党员",
    "organizations.view_phone": "查看党员的完整电话",
    "organizations.import_roster": "导入名册（新建和变更党组织，还须有成立、更名的权限）",
    "organizations.export_roster": "导出党组织和党员名册",
    "campaigns.manage_campaign": "建立和结束活动，修改活动的规则",
    "campaigns.close_phase": "时段归档和重新开启（只在全市领导小组办公室）",
    "campaigns.vary_obligation": "在本级及下级调整应办事项",
    "campaigns.view_progress": "查看应办事项的办理进度",
    "campaigns.urge": "催办下级未办的事项",
    "campaigns.concede": "准予下级延期或免办",
    "campaigns.edit_summary": "起草和修改时段小结、活动总结",
    "campaigns.submit_summary": "把小结、总结报送上级",
    "campaigns.accept_summary": "审阅下级报送的小结、总结",
    "campaigns.set_robot": "设置本组织接收提醒的群机器人",
}
AREAS: dict[str, str] = {
    "pledges": "公开承诺",
    "pledges.edit_plan": "活动方案",
    "pledges.submit_plan": "活动方案",
    "pledges.approve_plan": "活动方案",
    "pledges.propose_plan": "活动方案",
    "pledges.clear_plan": "活动方案",
    "pledges.publish_plan": "活动方案",
    "pledges.withdraw_plan": "活动方案",
    "pledges.archive_plan": "活动方案",
    "organizations": "党组织与任职",
    "organizations.view_member": "党员名册",
    "organizations.manage_member": "党员名册",
    "organizations.view_phone": "党员名册",
    "organizations.import_roster": "党员名册",
    "organizations.export_roster": "党员名册",
    "campaigns": "活动",
}
