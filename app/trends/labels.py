"""Words for signs and measurements."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l
from app.trends.rules import Sign

SIGNS = {
    Sign.WEIGHT: _l("Loss of weight"),
    Sign.FALLS: _l("Repeated falls"),
    Sign.SKIN: _l("Broken skin"),
    Sign.GONE: _l("Planned, but done alone"),
    Sign.CAME: _l("Given without a plan"),
}
SIGN_TONES = {Sign.WEIGHT: "bad", Sign.FALLS: "bad", Sign.SKIN: "bad", Sign.GONE: "info", Sign.CAME: "warn"}
SKIN = {
    0: _l("Whole"),
    1: _l("Stage 1: red, not fading"),
    2: _l("Stage 2: broken"),
    3: _l("Stage 3: deep"),
    4: _l("Stage 4: down to muscle or bone"),
}
