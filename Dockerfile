FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md hatch_build.py ./
COPY fairlead fairlead
COPY worker worker
COPY producers producers
COPY web web
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[rq,web]'

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 fairlead
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels 'fairlead[rq,web]' && rm -rf /wheels
USER fairlead
WORKDIR /home/fairlead
ENTRYPOINT ["fairlead"]
CMD ["--help"]
