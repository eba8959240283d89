"""What tests of the conversion's pages do as a browser would."""

from django.urls import reverse


def page(client, name, *args, **query):
    """A page of the conversion by the name of its address."""
    return client.get(reverse(f"conversion:{name}", args=args), query)


def shown(answer):
    """The fields of the screen as a browser would send them."""
    form, draft = answer.context["form"], answer.context["draft"]
    fields = {name: form[name].value() for name in form.fields}
    return {
        **{name: value for name, value in fields.items() if value not in (None, "", False)},
        "key": answer.context.get("key", ""),
        "preview_token": draft.token,
        "shown": draft.shown_json,
    }
