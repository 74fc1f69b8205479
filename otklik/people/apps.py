from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "otklik.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.hooks.program import (
            Part,
            register_after_restore,
            register_backfill,
            register_service,
        )
        from otklik.core.operations.restoring import register_operation_undo, register_undo
        from otklik.core.rest.api import register_router
        from otklik.people import (
            commands,
            conditions,
            custom,
            erasers,
            event_names,
            events,
            export_sections,
            hired,
            looks,
            merging_events,
            permissions,
            search,
            seen,
            tasks,
            tokens,
            tombstones,
            twins,
            vocabulary,
        )
        from otklik.people.actions import merging, notes
        from otklik.people.merging import Column, register_column
        from otklik.people.rest import custom as custom_rest
        from otklik.people.rest import merging as merging_rest
        from otklik.people.rest import panel, people, personal_data, segments, staff
        from otklik.people.roles import sync_after_migrate

        _ = events, event_names, merging_events, tasks
        permissions.register()
        custom.wire()
        search.wire()
        seen.wire()
        hired.wire()
        conditions.wire()
        vocabulary.wire()
        register_backfill("people.twins", twins.fill_twin_keys, after=("people", "0005_merging"))
        register_undo("people.CustomerNote", notes.restore_customer_note)
        register_column(Column("people.CustomerNote", "person_id", order=50))
        register_operation_undo(merging.MERGE, merging.begin_undo)
        erasers.wire()
        export_sections.wire()
        commands.wire()
        looks.register_settings()
        register_service("people.looks", looks.write_looks, part=Part.WEB)
        register_after_restore("people.erasures", tombstones.erase_again)
        tokens.wire()
        register_router("people", people.router)
        register_router("merging people", merging_rest.router)
        register_router("people fields", custom_rest.router)
        register_router("segments", segments.router)
        register_router("customer panel", panel.router)
        register_router("personal data", personal_data.router)
        register_router("staff", staff.router)
        post_migrate.connect(sync_after_migrate, sender=self)
