# Two stages: what builds does not run. The steps are plain commands that work outside a container too.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/camreach
COPY requirements.lock ./
RUN /opt/camreach/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/camreach/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/camreach --create-home camreach
COPY --from=build /opt/camreach /opt/camreach
ENV PATH=/opt/camreach/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
# The database and the key file lie here unless the configuration says otherwise.
WORKDIR /var/lib/camreach
VOLUME /var/lib/camreach
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["camreach"]
CMD ["serve", "--config", "/etc/camreach/camreach.toml"]
