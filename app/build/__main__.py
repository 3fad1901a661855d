"""``python -m app.build``: make the fonts, the style sheet and the translations; ``--check`` compares the translations with the code."""

from __future__ import annotations

import argparse
import sys

from app.build import fonts, styles, translations


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing or old. With ``--check``: also 1 when a text and its translation do not fit together."""
    parser = argparse.ArgumentParser(prog="python -m app.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the translations with the texts in the code")
    options = parser.parse_args(arguments)
    out = sys.stdout.write
    if options.check:
        problems = translations.check()
        out("".join(f"{problem}\n" for problem in problems))
        out(f"translations: {len(problems)} problem{'' if len(problems) == 1 else 's'}\n")
        return 1 if problems else 0
    if fonts.make():
        out("  fonts for documents made\n")
    if styles.make():
        out("  style sheet made\n")
    count = translations.compile_catalogue()
    if count is not None:
        out(f"  {count} translations compiled\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
