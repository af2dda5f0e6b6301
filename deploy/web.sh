#!/bin/sh
# The web server of production. Every thread keeps one database connection: workers × threads stays below
# PostgreSQL's max_connections, with room for the worker, beat and a person with psql.
exec granian --interface wsgi --host 0.0.0.0 --port 8000 \
    --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-4}" --backpressure 64 \
    --respawn-failed-workers --workers-kill-timeout 20 --no-ws --no-access-log --log-level warning \
    chuangxian.wsgi:application
