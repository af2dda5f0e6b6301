"""What of plans and pledges waits for a person: each area tells its own, the desk lists them all."""

from campaigns.duties import Source, register
from pledges.queries.changes import change_duties
from pledges.queries.fulfilment_duties import fulfilment_duties
from pledges.queries.ones_own import ones_own_pledge
from pledges.queries.opinions import opinion_duties
from pledges.queries.plan import plan_duties
from pledges.queries.pledge_duties import pledge_duties
from pledges.queries.publication import publication_duties
from pledges.queries.vetting import returned_duties, vetting_duties

register(
    Source("我的承诺", "pledges:my_pledge", ones_own_pledge),
    Source("党组织承诺", "pledges:index", pledge_duties, "state=todo"),
    Source("退回的党员承诺", "pledges:members_branches", returned_duties),
    Source("党员承诺审诺", "pledges:vetting", vetting_duties),
    Source("党员承诺公诺", "pledges:publication_batches", publication_duties),
    Source("承诺变更", "pledges:changes", change_duties),
    Source("践诺评诺", "pledges:fulfilment", fulfilment_duties),
    Source("群众意见", "pledges:opinions", opinion_duties),
    Source("活动方案", "pledges:plans", plan_duties, "state=todo"),
)
