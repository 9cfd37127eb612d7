"""`python -m lab`: what bin/lab becomes once the virtual environment is there."""

from lab.cli import main

main()
