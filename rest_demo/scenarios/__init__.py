"""The scenarios of the REST demo."""

from rest_demo.scenarios.csrf_matrix import csrf_matrix

SCENARIOS = [csrf_matrix]
