from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "otklik.workspace"
    label = "workspace"

    def ready(self) -> None:
        from otklik.core.rest.api import register_router
        from otklik.workspace import handlers
        from otklik.workspace.rest import audit, me, operating
        from otklik.workspace.settings_screens import wiring

        register_router("me", me.router)
        register_router("audit", audit.router)
        register_router("operating", operating.router)
        wiring.wire()
        handlers.wire()
