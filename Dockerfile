# One image for web server, worker and migrations, and one for the proxy before them.

FROM node:24-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.13-slim AS relay
RUN useradd --create-home --uid 10001 relay && install -d -o relay /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 RELAY_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=frontend /app/node_modules node_modules
COPY . .
# No key is needed to collect files, only one that is not empty.
RUN RELAY_SECRET_KEY=unused python manage.py collectstatic --no-input
USER relay
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8000/readyz')"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "crm.wsgi"]

FROM caddy:2 AS proxy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
COPY --from=relay /app/staticfiles /srv/static
