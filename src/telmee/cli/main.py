"""The entry of `./telmee`: find the command, run it, and say what went wrong.

Standard output holds only the result; everything else (problems, notices, progress) goes to
standard error. Exit codes: 0 all is known, 1 something needs a person, 2 nothing could be done.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Sequence

import click

from telmee.cli.language import language_of
from telmee.core.errors import DomainError, Problem
from telmee.texts import Language, phrase, problem_text

UNUSABLE = 2

#: Command → module. Loaded at use, so that a short command starts at once. The last ones reach
#: upward, by name and not by import: they put the whole house together, so they live in its top.
COMMANDS = {
    "value": "telmee.cli.value",
    "template": "telmee.cli.template",
    "schemes": "telmee.cli.schemes",
    "obligation": "telmee.cli.obligation",
    "demo": "telmee.demo.command",
    "serve": "telmee.installation.commands.serve",
    "database": "telmee.installation.commands.database",
    "operator": "telmee.installation.commands.operator",
    "ledger": "telmee.installation.commands.ledger",
    "journal": "telmee.installation.commands.journal",
    "report": "telmee.installation.commands.report",
    "backup": "telmee.installation.commands.backup",
    "restore": "telmee.installation.commands.restore",
    "browser": "telmee.installation.commands.browser",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.command(cls=_Commands, help=phrase("help.telmee", language_of(sys.argv)))
def telmee() -> None:
    """Hold the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = language_of(given)
    try:
        _require_output()
        code = telmee.main(args=given, prog_name="./telmee", standalone_mode=False)
        sys.stdout.flush()
    except DomainError as error:
        tell(error.problems, language)
        return UNUSABLE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UNUSABLE
    except click.ClickException as error:
        tell([_usage_problem(error)], language)
        return UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone (`| head`); that is its right and no fault. Click has
        # its own way of saying so: `SystemExit` comes from nothing else here.
        return _quietly()
    except OSError as error:
        # Output that cannot be written is told, as every other thing that cannot be done.
        tell([Problem("output_not_written", params={"number": error.errno or 0})], language)
        return _quietly(UNUSABLE)
    return code if isinstance(code, int) else 0


def _require_output() -> None:
    """Refuse to work for nobody: standard output may be closed (`>&-`)."""
    if sys.stdout is None:
        raise DomainError(Problem("no_output"))


def _quietly(code: int = 0) -> int:
    """Send what is left of the output nowhere, so that ending does not fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def tell(problems: Iterable[Problem], language: Language) -> None:
    """Write problems to standard error: where, what happened, what to do, and the code."""
    for problem in problems:
        message, remedy = problem_text(problem, language)
        where = [problem.column] if problem.column else []
        if problem.row:
            where.insert(0, phrase("row", language, row=problem.row))
        prefix = f"{', '.join(where)}: " if where else ""
        click.echo(f"{prefix}{message} {remedy} [{problem.code}]", err=True)


def _usage_problem(error: click.ClickException) -> Problem:
    """Say a mistake on the command line in our own codes."""
    if isinstance(error, click.NoSuchOption):
        close = ", ".join(error.possibilities or ()) or "--help"
        return Problem("unknown_option", params={"option": error.option_name, "close": close})
    if isinstance(error, click.MissingParameter):
        name = error.param.opts[0] if error.param and error.param.opts else error.param_hint
        shown = name if str(name).startswith("--") else str(name).upper()
        return Problem("missing_option", params={"option": str(shown)})
    if isinstance(error, click.BadParameter):
        name = error.param.opts[0] if error.param and error.param.opts else ""
        return Problem("bad_option", params={"option": str(name), "reason": error.message})
    return Problem("bad_command", params={"reason": error.format_message()})
