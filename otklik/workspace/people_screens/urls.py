from django.urls import path

from otklik.workspace.people_screens import (
    custom,
    merging,
    organisations,
    own,
    panel,
    personal_data,
    persons,
    segments,
    talk,
)

app_name = "people_screens"
urlpatterns = [
    path("account/", own.account, name="account"),
    path("people/", persons.index, name="people"),
    path("people/new/", persons.new, name="new_person"),
    path("people/<int:person_id>/", persons.show, name="person"),
    path("people/<int:person_id>/change/", persons.change, name="change_person"),
    path("people/<int:person_id>/block/", persons.block, name="block"),
    path("people/<int:person_id>/addresses/", persons.add_address, name="add_address"),
    path(
        "people/<int:person_id>/addresses/<int:identity_id>/primary/",
        persons.prefer_address,
        name="prefer_address",
    ),
    path(
        "people/<int:person_id>/addresses/<int:identity_id>/proof/",
        persons.vouch,
        name="vouch",
    ),
    path(
        "people/<int:person_id>/addresses/<int:identity_id>/trouble/",
        persons.trust_address,
        name="trust_address",
    ),
    path("people/<int:person_id>/merge/", merging.merge, name="merge"),
    path("people/<int:person_id>/merges/", merging.progress, name="merges"),
    path("people/<int:person_id>/merges/<int:merge_id>/undo/", merging.unmerge, name="unmerge"),
    path(
        "people/<int:person_id>/merges/<int:merge_id>/requests/",
        merging.share,
        name="share_requests",
    ),
    path("people/<int:person_id>/not/<int:other_id>/", merging.apart, name="apart"),
    path("people/<int:person_id>/panel/", panel.panel, name="panel"),
    path("people/<int:person_id>/talk/", talk.talk, name="talk"),
    path("people/<int:person_id>/panel/block/", panel.block, name="panel_block"),
    path("people/<int:person_id>/notes/", panel.write_note, name="notes"),
    path("people/<int:person_id>/consents/", panel.say_consent, name="consents"),
    path("people/segments/<int:segment_id>/", segments.segment, name="segment"),
    path("people/notes/<int:note_id>/", panel.alter_note, name="note"),
    path(
        "organisations/<int:organisation_id>/notes/",
        panel.write_organisation_note,
        name="organisation_notes",
    ),
    path("people/<int:person_id>/personal-data/", personal_data.show, name="personal_data"),
    path("people/<int:person_id>/exports/", personal_data.export, name="export"),
    path(
        "people/<int:person_id>/exports/<int:export_id>/download/",
        personal_data.download,
        name="download_export",
    ),
    path("people/<int:person_id>/legal-hold/", personal_data.legal_hold, name="legal_hold"),
    path("people/<int:person_id>/erasure/", personal_data.erasure, name="erasure"),
    path("organisations/", organisations.index, name="organisations"),
    path("organisations/new/", organisations.new, name="new_organisation"),
    path("people/<int:person_id>/fields/<slug:key>/", custom.person_value, name="person_value"),
    path(
        "organisations/<int:organisation_id>/fields/<slug:key>/",
        custom.organisation_value,
        name="organisation_value",
    ),
    path("organisations/options/", organisations.options, name="organisation_options"),
    path("organisations/<int:organisation_id>/", organisations.show, name="organisation"),
    path(
        "organisations/<int:organisation_id>/change/",
        organisations.change,
        name="change_organisation",
    ),
]
