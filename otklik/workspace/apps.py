from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "otklik.workspace"
    label = "workspace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from otklik.core.rest.api import register_router
        from otklik.workspace import (
            erasing,
            event_names,
            events,
            exporting,
            handlers,
            permissions,
            presence,
            proofreading,
            references,
        )
        from otklik.workspace.actions import views
        from otklik.workspace.help import agents as help_of_agents
        from otklik.workspace.palette import wiring as palette
        from otklik.workspace.queries import kept
        from otklik.workspace.rest import (
            audit,
            canned,
            fields,
            finding,
            layouts,
            macros,
            me,
            operating,
            scripts,
        )
        from otklik.workspace.rest import presence as rest_presence
        from otklik.workspace.rest import (
            proofreading as checking,
        )
        from otklik.workspace.rest import views as rest_of_views
        from otklik.workspace.settings_screens import wiring
        from otklik.workspace.web import live

        _ = events, event_names
        permissions.register()
        erasing.wire()
        exporting.wire()
        views.wire()
        kept.wire()
        references.wire()
        proofreading.declare()
        register_router("fields", fields.router)
        register_router("me", me.router)
        register_router("audit", audit.router)
        register_router("finding", finding.router)
        register_router("layouts", layouts.router)
        register_router("operating", operating.router)
        register_router("canned replies", canned.router)
        register_router("macros", macros.router)
        register_router("scripts", scripts.router)
        register_router("presence", rest_presence.router)
        register_router("looking over", checking.router)
        register_router("views", rest_of_views.router)
        wiring.wire()
        palette.wire()
        help_of_agents.register()
        handlers.wire()
        presence.wire()
        live.wire()
