"""``python -m pointsman``: the same as the command ``pointsman``."""

from pointsman.cli.main import main

if __name__ == "__main__":
    main()
