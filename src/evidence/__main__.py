"""`python -m evidence`: the command line, also where its script is not on the path."""

from evidence.cli import main

if __name__ == "__main__":
    main()
