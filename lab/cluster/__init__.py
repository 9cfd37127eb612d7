"""Where the stack runs. One description, docker-compose.yml; three places: compose, local, external."""
