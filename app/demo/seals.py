"""Official seals of the demo county, drawn here: a red ring with a star that says 示例, so that nobody takes them for real ones."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

from app.build.fonts import FontFile, find
from app.contracts.models import ContractFile
from app.contracts.operations import keep_seal_picture
from app.core.actor import Actor

SIDE = 400
"""Pixels of the square a seal is drawn in."""
RED = (196, 24, 24, 255)


def draw(name: str) -> bytes:
    """The PNG of a seal: the name along the ring, a star, and 示例 with 演示用章 below it; transparent ground."""
    canvas = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    pen, centre = ImageDraw.Draw(canvas), SIDE / 2
    pen.ellipse((8, 8, SIDE - 8, SIDE - 8), outline=RED, width=10)
    _star(pen, centre, centre - 12, 58)
    face = find().bold
    for words, height, y in (("示例", 46, 0.71), ("演示用章", 30, 0.84)):
        pen.text((centre, SIDE * y), words, font=_font(face, height), fill=RED, anchor="mm")
    _around(canvas, name, face)
    out = io.BytesIO()
    canvas.save(out, "PNG")
    return out.getvalue()


def _font(face: FontFile, height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.path), height, index=face.face)


def _star(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    points = []
    for corner in range(10):
        reach, angle = radius if corner % 2 == 0 else radius * 0.382, math.pi * (corner / 5 - 0.5)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(points, fill=RED)


def _around(canvas: Image.Image, name: str, face: FontFile) -> None:
    """The name along the upper part of the ring, each character upright to the centre."""
    height = max(20, min(46, 620 // max(1, len(name))))
    font, radius = _font(face, height), SIDE / 2 - 22 - height / 2
    step = min(height * 1.12 / radius, math.radians(250) / max(1, len(name) - 1))
    for place, char in enumerate(name):
        angle = (place - (len(name) - 1) / 2) * step
        glyph = Image.new("RGBA", (height * 2, height * 2), (255, 255, 255, 0))
        ImageDraw.Draw(glyph).text((height, height), char, font=font, fill=RED, anchor="mm")
        turned = glyph.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x = SIDE / 2 + radius * math.sin(angle) - height
        y = SIDE / 2 - radius * math.cos(angle) - height
        canvas.alpha_composite(turned, (round(max(0, x)), round(max(0, y))))


def set_up(offices: Iterable[tuple[Actor, str]]) -> list[ContractFile]:
    """A seal for each office of the seven parties, stored by its own account: who acts, the office's name."""
    return [keep_seal_picture(actor, draw(name)) for actor, name in offices]
