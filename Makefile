# Each target is one line over bin/lab, which says more: bin/lab --help
.PHONY: help demo up down doctor test lint

help: ; @printf '%s\n' 'make demo    set up, start the stack, kill a leader, show the verdict' 'make up      start the stack (make down ends it)' 'make doctor  what is there, what is missing' 'make test    set up, run the tests on real brokers' 'make lint    ruff and mypy' 'bin/lab --help for everything else'
demo: ; @bin/lab demo
up: ; @bin/lab up
down: ; @bin/lab down
doctor: ; @bin/lab doctor
test: ; @bin/lab test
lint: ; @bin/lab test --lint
