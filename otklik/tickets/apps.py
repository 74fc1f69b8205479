from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "otklik.tickets"
    label = "tickets"

    def ready(self) -> None:
        from otklik.tickets import handlers, search, vocabulary

        handlers.wire()
        search.wire()
        vocabulary.wire()
