"""Mail to people, sent by the worker after the change that asks for it is saved."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django_tasks import task

from people.models import User, Workspace


@task()
def send_invitation(*, user_id: int, inviter_id: int) -> None:
    """Send the link with which an invited person chooses their password."""
    user = User.objects.active().filter(pk=user_id).first()
    if user is None or user.has_usable_password():
        return  # Gone again, or in already.
    context = {
        "user": user,
        "inviter": User.objects.get(pk=inviter_id),
        "workspace": Workspace.load(),
        "link": settings.SITE_URL + password_link(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
    }
    send_mail(
        subject=f"{context['inviter']} invites you to Relay",
        message=render_to_string("people/email/invitation.txt", context),
        from_email=None,
        recipient_list=[user.email],
    )


def password_link(user: User) -> str:
    """The path at which this person, and nobody else, can choose a password once."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)
