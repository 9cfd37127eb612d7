"""The pages: what a person sees of the live feed and of `scope`."""
