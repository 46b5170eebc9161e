"""Takes pictures of a page that holds still, and keeps their files small."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

WIDE: Any = {"width": 1280, "height": 800}
NARROW: Any = {"width": 390, "height": 844}
LIGHT: dict[str, Any] = {"color_scheme": "light", "media": "screen", "size": WIDE}
# What a picture's file is called after the page's name, and how the page is looked at.
LOOKS: dict[str, dict[str, Any]] = {
    "": LIGHT,
    "-dark": LIGHT | {"color_scheme": "dark"},
    "-phone": LIGHT | {"size": NARROW},
    "-phone-dark": LIGHT | {"size": NARROW, "color_scheme": "dark"},
    "-print": LIGHT | {"size": {"width": 720, "height": 800}, "media": "print"},
}
MAIN = ("", "-dark", "-phone")
MOST_BRIGHT, LEAST_BRIGHT = 64, 40
TALLEST = 1500  # of a list the beginning says enough


class Camera:
    """Writes into `folder`; with `everything`, every page in every look."""

    def __init__(self, browser: Browser, folder: Path, *, everything: bool = False) -> None:
        self.browser, self.folder, self.everything = browser, folder, everything
        self.taken: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)

    def page(self, **options: Any) -> Page:
        """A page of a fresh visitor, on which nothing moves."""
        return self.browser.new_page(
            viewport=WIDE, timezone_id="UTC", locale="en-GB", reduced_motion="reduce", color_scheme="light", **options
        )

    def take(self, page: Page, name: str, *looks: str, whole: bool = False) -> None:
        """The page in light and in other looks; the whole of it or, where it is long, its beginning."""
        for look in tuple(LOOKS) if self.everything else looks or ("",):
            self._dress(page, **LOOKS[look])
            all_of_it = self.everything or (whole and LOOKS[look]["size"] is WIDE)
            self._stretch(page, None if all_of_it else TALLEST)
            self._keep(page.screenshot(animations="disabled", caret="hide"), f"{name}{look}.png")
        self._dress(page, **LIGHT)

    def _dress(self, page: Page, *, color_scheme: Any, media: Any, size: Any) -> None:
        page.emulate_media(color_scheme=color_scheme, media=media)
        page.set_viewport_size(size)
        page.wait_for_load_state("networkidle")
        page.evaluate("window.scrollTo(0, 0)")

    def _stretch(self, page: Page, tallest: int | None) -> None:
        """Make the window as high as the page, so that the sidebar goes down to the bottom."""
        height: int = page.evaluate("document.documentElement.scrollHeight")
        width = page.viewport_size["width"] if page.viewport_size else WIDE["width"]
        page.set_viewport_size({"width": width, "height": min(height, tallest or height)})

    def _keep(self, picture: bytes, name: str) -> None:
        path = self.folder / name
        few_colours(Image.open(BytesIO(picture)).convert("RGB")).save(path, optimize=True)
        self.taken.append(path)


def few_colours(picture: Image.Image) -> Image.Image:
    """In 256 colours, some of them kept for what is small and bright: a green dot is to stay green."""
    bright = [(count, colour) for count, colour in counted(picture) if max(colour) - min(colour) > LEAST_BRIGHT]
    kept = [channel for _, colour in sorted(bright, reverse=True)[:MOST_BRIGHT] for channel in colour]
    palette = Image.new("P", (1, 1))
    palette.putpalette(kept + (picture.quantize(256 - MOST_BRIGHT).getpalette() or []))
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def counted(picture: Image.Image) -> list[tuple[int, tuple[int, int, int]]]:
    """Its colours, each with how often it is there."""
    return picture.getcolors(picture.width * picture.height) or []  # type: ignore[return-value]
