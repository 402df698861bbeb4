"""The browser for the tests that play through the screens: find it, or install it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Debian's Chromium without windows comes first: a whole one also draws its own window around each
#: page, which nobody sees, for a quarter of the processor time of a journey.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
#: What Debian calls them; what was made of Debian may only have the second.
_PACKAGES = ("chromium-headless-shell", "chromium")
_MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find_browser() -> Path | None:
    """The first Chromium or Chrome on this machine, or None."""
    for name in _NAMES:
        if program := shutil.which(name):
            return Path(program)
    return next((path for path in _MAC if path.exists()), None)


def install_browser() -> Path | None:
    """Install Chromium where that needs no question: as root on Debian; gives it, or None."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    _apt_get("update", "-q")
    for package in _PACKAGES:
        _apt_get("install", "-y", "-q", "--no-install-recommends", package)
        if browser := find_browser():
            return browser
    return None


def _apt_get(*arguments: str) -> None:
    subprocess.run(  # noqa: S603  # nothing in it comes from outside
        ["apt-get", *arguments],  # noqa: S607  # found on the PATH, as every program of the system
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=sys.stderr,
    )


def install_command() -> str:
    """The line that installs a browser on a machine such as this one."""
    if shutil.which("apt-get"):
        return "sudo apt-get install chromium"
    if shutil.which("dnf"):
        return "sudo dnf install chromium"
    return "brew install --cask chromium"
