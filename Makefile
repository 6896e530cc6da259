# Each command works from a bare clone: it finds Python, installs the pinned packages into .venv once, and goes.

.PHONY: demo smoke test check bench chaos chaos-sabotage

demo: ## the whole shop on http://127.0.0.1:8000/ until Ctrl-C (PORT, SANDBOX_PORT, DATABASE_URL)
	@exec ./launch/run demo

smoke: ## boot everything, pay an order by card, refund it, check all books
	@exec ./launch/run smoke

test: ## all tests, the browser's journeys among them
	@exec ./launch/run test

check: ## format, lint, types, imports, templates, migrations, deployment
	@exec ./launch/run check

bench: ## measure what is held against what, and write it to benchmarks/results/
	@exec ./launch/run bench

chaos: ## faults, crashes and races over and over, then every promise checked (SEED, SCHEDULES)
	@exec ./launch/run chaos

chaos-sabotage: ## break the code on purpose, and require that `chaos` notices each time
	@exec ./launch/run chaos-sabotage
