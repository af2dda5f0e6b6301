"""公开承诺书 and 公示栏 of what is in the database."""

import io

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image

from common.models import Event
from pledges import services
from pledges.models import NameDisplay, Publication
from tests.common.word_files import WordFile
from tests.pledges.test_rounds import joins, promises


@pytest.fixture
def sent(here, person):
    """What the download gives: the opened Word file, or the page one is led back to."""

    def send(who, name, *args):
        answer = here(person(*who)).post(reverse(f"pledges:{name}", args=args), follow=True)
        assert answer.status_code == 200
        is_word = "wordprocessingml" in answer["Content-Type"]
        return WordFile(answer.content) if is_word else answer.content.decode()

    return send


def public_member(person, member, phase, text="带头学习"):
    """Through every hand to the public page, as the branch publishes it."""
    author = person("secretary", "branch")
    pledge = promises(member, phase, author, state="cleared")
    pledge.items.update(content=text, state="approved")
    category = phase.campaign.rubric.filter(subject="member").first()
    type(pledge).objects.filter(pk=pledge.pk).update(category=category, scope="outside")
    return services.publish(pledge, by=author, has_seen_masks=True)


def codes(file):
    pictures = [blob for name, blob in file.parts.items() if name.startswith("word/media/")]
    return [code.text for blob in pictures for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(blob)))]


BRANCH = ("secretary", "branch")


def test_the_letter_says_what_was_filed(published, sent):
    text = sent(BRANCH, "letter", published.pk).text
    for word in [
        "震泽镇财政所党支部",
        "全年上门办税十二次",
        "每月第一个星期五到企业",
        "沈　明",
        "2010年12月20日",
        "震泽镇机关党总支",
    ]:
        assert word in text
    assert "草稿" not in text


def test_a_draft_is_marked_in_its_title(draft, sent, here, person):
    text = sent(BRANCH, "letter", draft.pk).text
    assert "（创先争优活动第一时段　草稿）" in text
    assert "现将创先争优活动第一时段公开承诺事项公布如下" in text
    unseen = here(person("secretary", "general")).post(reverse("pledges:letter", args=[draft.pk]))
    assert unseen.status_code == 404


def test_what_was_not_vetted_yet_says_so(draft, sent, person):
    services.submit(draft, by=person(*BRANCH))
    text = sent(BRANCH, "letter", draft.pk).text
    assert "未经审定" in text
    assert "同意。" not in text


def test_the_letters_of_a_branch_are_one_file_without_drafts(chain, phase, author, sent):
    for name, state in [("沈文清", "submitted"), ("欧阳明", "approved"), ("未交", "draft")]:
        promises(joins(chain, "branch", name), phase, author, state=state)
    text = sent(BRANCH, "letters", phase.pk, chain["branch"].pk).text
    assert text.count("党员公开承诺书") == 2
    assert "欧阳明" in text
    assert "未交" not in text


@pytest.mark.parametrize(("by", "signs"), [(BRANCH, "支部书记："), (("secretary", "general"), "审核人：")])
def test_who_vetted_a_member_from_above_is_not_called_the_branchs_secretary(
    by, signs, chain, phase, author, sent, person
):
    pledge = promises(joins(chain, "branch", "沈文清"), phase, author, state="approved")
    type(pledge).objects.filter(pk=pledge.pk).update(vetted_by=person(*by), vetted_at=pledge.created_at)
    for name, args in [("letter", [pledge.pk]), ("letters", [phase.pk, chain["branch"].pk])]:
        assert signs in sent(BRANCH, name, *args).text


def test_a_member_without_a_post_prints_the_own_letter(chain, phase, author, here, django_user_model):
    user = django_user_model.objects.create_user("member", name="沈文清", password="Test-pass-1")
    own = promises(joins(chain, "branch", "沈文清", user=user), phase, author)
    other = promises(joins(chain, "branch", "欧阳明"), phase, author)
    assert here(user).post(reverse("pledges:letter", args=[own.pk])).status_code == 200
    assert here(user).post(reverse("pledges:letter", args=[other.pk])).status_code == 404


def test_the_poster_of_an_organization_opens_its_public_page(published, chain, phase, sent, client, settings):
    file = sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "organization")
    assert "全年上门办税十二次" in file.text
    [url] = codes(file)
    assert url.startswith("http://testserver/pledges/")
    client.logout()
    page = client.get(url.removeprefix("http://testserver"))
    assert page.status_code == 200
    assert "全年上门办税十二次" in page.content.decode()
    settings.SITE_URL = "https://portal.example"
    [url] = codes(sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "organization"))
    assert url.startswith("https://portal.example/pledges/")


def test_of_several_pledges_the_code_opens_their_list(published, chain, phase, sent, client):
    Publication.objects.create(
        **{
            field.attname: getattr(Publication.objects.get(), field.attname)
            for field in Publication._meta.concrete_fields
            if field.name not in {"id", "pledge"}
        },
        pledge=services.copy(published, phase, by=published.submitted_by),
    )
    [url] = codes(sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "organization"))
    client.logout()
    page = client.get(url.removeprefix("http://testserver")).content.decode()
    assert page.count("财政窗口十五分钟办结") >= 2


def test_the_poster_of_members_keeps_to_the_rule_of_names(chain, phase, person, sent, client):
    NameDisplay.objects.create(organization=chain["branch"], shown="surname")
    for name in ["沈文清", "欧阳明"]:
        public_member(person, joins(chain, "branch", name), phase, text=f"有事打13900001234找{name[0]}同志")
    file = sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "member")
    assert "沈　某" in file.text
    assert "沈文清" not in file.text
    assert "139****1234" in file.text
    assert "13900001234" not in file.text
    [url] = codes(file)
    client.logout()
    assert client.get(url.removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize(
    ("matter", "said"), [("organization", "还没有向社会公开的承诺"), ("member", "还没有向社会公开的党员承诺")]
)
def test_with_nothing_public_there_is_a_sentence_and_no_poster(matter, said, draft, chain, phase, sent):
    assert said in sent(BRANCH, "poster", phase.pk, chain["branch"].pk, matter)
    assert "还没有党员提交承诺" in sent(BRANCH, "letters", phase.pk, chain["branch"].pk)
    assert not Event.objects.filter(kind="organization.print_pledges").exists()


def test_what_is_open_inside_the_party_only_is_on_no_poster(published, chain, phase, sent):
    Publication.objects.update(scope="inside")
    assert "还没有向社会公开" in sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "organization")


def test_every_download_is_on_record(published, chain, phase, sent):
    sent(BRANCH, "letter", published.pk)
    sent(BRANCH, "poster", phase.pk, chain["branch"].pk, "organization")
    events = Event.objects.filter(kind="organization.print_pledges").order_by("pk")
    assert [event.after["what"] for event in events] == ["党组织公开承诺书", "公示栏"]
    assert {event.place_id for event in events} == {chain["branch"].pk}
