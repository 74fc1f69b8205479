from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "otklik.tickets"
    label = "tickets"

    def ready(self) -> None:
        from otklik.core.hooks.program import register_backfill
        from otklik.core.rest.api import register_router
        from otklik.tickets import (
            custom,
            event_names,
            folding,
            handlers,
            notifying,
            search,
            vocabulary,
        )
        from otklik.tickets.rest import (
            bulk,
            checklists,
            later,
            lists,
            messages,
            opening,
            queries,
            queue,
            reshaping,
            statuses,
            talk,
            tickets,
        )
        from otklik.tickets.rest import custom as custom_rest
        from otklik.tickets.rest import side as side_rest
        from otklik.tickets.rest import waiting as waiting_rest

        _ = event_names, opening  # what they add, they add when they are loaded
        handlers.wire()
        custom.wire()
        search.wire()
        vocabulary.wire()
        notifying.wire()
        register_backfill(
            "tickets.subjects", folding.fold_subjects, after=("tickets", "0019_folded_subject")
        )
        register_router("tickets", tickets.router)
        register_router("bulk", bulk.router)
        register_router("reshaping", reshaping.router)
        register_router("checklists", checklists.router)
        register_router("ticket fields", custom_rest.router)
        register_router("putting off", later.router)
        register_router("messages", messages.router)
        register_router("ticket lists", lists.router)
        register_router("queries", queries.router)
        register_router("statuses", statuses.router)
        register_router("queue", queue.router)
        register_router("waiting replies", waiting_rest.router)
        register_router("side conversations", side_rest.router)
        register_router("talk with people", talk.router)
