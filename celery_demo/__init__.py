"""A small Celery service: tasks under the notes' own names, routes, one worker a queue, and a ledger of executions."""
