"""A line of the trail. Many make a page, and Django's templates would take longer for them than for all the rest."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from pages.templatetags.moments import ago

from ..diff import Short, short
from ..models import AuditEntry

register = template.Library()

LONGEST_NAME = 70
# The rest of the entry comes when it is opened, or is a page of its own.
LINE = """<li id="entry_{number}" class="entry{new}">
<details id="entry_{number}_details" hx-get="{url}" hx-trigger="toggle once" hx-target="#entry_{number}_told" \
hx-swap="outerHTML" hx-push-url="false">
<summary id="entry_{number}_head"><span class="operation operation-{look}">{operation}</span>
<span class="entry-record">{record}</span>
<span class="entry-short">{changes}</span>
<span class="entry-who"><span dir="auto">{who}</span> <span class="quiet" title="{role}">{role}</span></span>
<span class="entry-when">{when}</span></summary>
<div id="entry_{number}_told" class="entry-told"><a href="{url}">See what changed</a></div>
</details>
<a id="entry_{number}_transaction" class="entry-transaction" href="{trail_url}?transaction={txid}" \
title="Everything of transaction {txid}">\
<span class="visually-hidden">Everything of transaction </span>{txid}</a>
</li>"""
NAMED = '<strong dir="auto">{}</strong> <span class="quiet">{} {}</span>'
NAMELESS = "<strong>{} {}</strong>"
CHANGE = '<span class="short"><span class="short-field" dir="auto">{}</span> {}{}{}</span> '
BECAME = SafeString(' <span aria-label="became">→</span> ')


@register.simple_tag
def entry_line(entry: AuditEntry, trail_url: str, seen: int | None = None) -> SafeString:
    """A <li>: what was done to which record, the first few changes, who and when, a link to its transaction.

    Those above the number `seen` are new to the reader, who has seen the others before.
    """
    return format_html(
        LINE,
        number=entry.audit_id,
        new=" is-new" if seen is not None and entry.audit_id > seen else "",
        url=f"{trail_url}{entry.audit_id}/",
        trail_url=trail_url,
        look=entry.operation.lower(),
        operation=entry.operation,
        record=entry_record(entry),
        changes=entry_changes(entry),
        who=Truncator(entry.actor).chars(LONGEST_NAME) if entry.actor else "by SQL",
        role=entry.created_by,
        when=ago(entry.created_at),
        txid=entry.txid,
    )


@register.simple_tag
def entry_record(entry: AuditEntry) -> SafeString:
    """What the record is called, if it has a name, its table and its key."""
    name, key = entry.record_name, "" if entry.record_id is None else entry.record_id
    if not name:
        return format_html(NAMELESS, entry.table_name, key)
    shown = name if len(name) <= LONGEST_NAME else Truncator(name).chars(LONGEST_NAME)
    return format_html(NAMED, shown, entry.table_name, key)


@register.simple_tag
def entry_changes(entry: AuditEntry) -> SafeString:
    """The first few, and how many more there are."""
    changes, more = short(entry)
    told = format_html_join("", "{}", [(_change(each),) for each in changes])
    return told + format_html('<span class="quiet">and {} more</span>', more) if more else told


def _change(change: Short) -> SafeString:
    before, after = (format_html("<bdi>{}</bdi>", each) if each else "" for each in (change.before, change.after))
    return format_html(CHANGE, change.field, before, BECAME if before and after else "", after)
