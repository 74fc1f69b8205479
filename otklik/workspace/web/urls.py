from django.urls import path

from otklik.workspace.web import (
    bulk,
    inbox,
    letters,
    new,
    options,
    personal,
    properties,
    ticket,
    writing,
)

app_name = "workspace"
urlpatterns = [
    path("", inbox.root, name="root"),
    path("tickets/", inbox.inbox, name="inbox"),
    path("tickets/filters/", inbox.filters, name="filters"),
    path("tickets/bulk/", bulk.bulk, name="bulk"),
    path("tickets/new/", new.new, name="new"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/messages/", writing.messages, name="messages"),
    path("tickets/<int:number>/draft/", writing.draft, name="draft"),
    path("tickets/<int:number>/reading/", personal.reading, name="reading"),
    path("tickets/<int:number>/status/", properties.status, name="status"),
    path("tickets/<int:number>/assignee/", properties.assignee, name="assignee"),
    path("tickets/<int:number>/team/", properties.team, name="team"),
    path("tickets/<int:number>/fields/<slug:name>/", properties.fields, name="field"),
    path("tickets/<int:number>/tags/", properties.tags, name="tags"),
    path("tickets/<int:number>/following/", properties.following, name="following"),
    path("tickets/<int:number>/trash/", properties.trash, name="trash"),
    path("tickets/<int:number>/spam/", properties.spam, name="spam"),
    path("tickets/<int:number>/participants/", properties.participants, name="participants"),
    path(
        "tickets/<int:number>/participants/<int:participant>/removal/",
        properties.removal,
        name="removal",
    ),
    path(
        "tickets/<int:number>/participants/<int:participant>/confirmation/",
        properties.confirmation,
        name="confirmation",
    ),
    path("tickets/<int:number>/deliveries/<int:delivery>/", letters.delivery, name="delivery"),
    path("messages/<int:message>/letter/", letters.letter, name="letter"),
    path("messages/<int:message>/raw/", letters.raw, name="raw"),
    path("remote-pictures/<str:signed>/", letters.remote_picture, name="remote_picture"),
    path("operations/<int:operation>/undo/", personal.undo, name="undo"),
    path("preferences/", personal.preferences, name="preferences"),
    path("options/people/", options.people, name="people_options"),
    path("options/addresses/", options.addresses, name="address_options"),
    path("options/tags/", options.tags, name="tag_options"),
]
