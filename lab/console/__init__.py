"""The pages: what a browser shows of runs, live or from their folders. Imports no system under test.

static/       stylesheet, scripts and what others made (vendor/); no build step, nothing from elsewhere
templates/    Jinja2
words.py      the sentences that the scripts show
"""
