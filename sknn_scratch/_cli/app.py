"""The Typer application, made of the declarations in `commands` and `options`.

Typer only reads the command line: `parse` returns the command and its arguments, and
`main` runs it. So errors and Ctrl-C are answered in one place.
"""

import inspect
import sys
from contextlib import redirect_stdout
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from .._version import __version__
from .commands import COMMANDS, EXIT_CODES, HELP
from .console import terminal
from .options import OUTPUT, Argument

UsageError = typer.BadParameter.__base__  # click's, wherever this Typer keeps it
PROGRAM = "sknn-scratch"


class Help:
    """What both classes of Typer have in common here: how --help looks.

    On a terminal rich draws it. Elsewhere it is plain text in the same groups.
    """

    def format_help(self, context, formatter):
        """Draw with rich, or write plain text."""
        self.rich_markup_mode = "rich" if terminal() else None
        super().format_help(context, formatter)

    def format_options(self, context, formatter):
        """Write arguments, options and commands, each group under its name."""
        groups = {}
        for parameter in self.get_params(context):
            kind = parameter.param_type_name.title()
            title = getattr(parameter, "rich_help_panel", None) or f"{kind}s"
            record = parameter.get_help_record(context)
            if record:
                name, text = record
                if parameter.param_type_name == "argument":
                    name = parameter.metavar  # Typer 0.20 has [NAME]
                text = text.replace("\\[", "[")  # and escapes for rich
                groups.setdefault(title, []).append((name, text))
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)
        if isinstance(self, TyperGroup):
            self.format_commands(context, formatter)

    def get_params(self, context):
        """Return the parameters; of arguments and switches the name says the type."""
        found = super().get_params(context)
        for parameter in found:
            switch = getattr(parameter, "is_flag", False)
            if switch or parameter.param_type_name == "argument":
                parameter.display_type_rich = lambda ctx: None
        return found

    def format_epilog(self, context, formatter):
        """Write the examples and the exit codes as they are, without wrapping them."""
        formatter.write(f"\n{self.epilog}\n")

    def get_help_option(self, context):
        """Return the option --help, in the group of the other general ones."""
        option = super().get_help_option(context)
        option.rich_help_panel = OUTPUT
        return option

    def collect_usage_pieces(self, context):
        """Return the usage line's words: NAME, or [NAME] where it may be left out."""
        pieces = [self.options_metavar]
        for argument in self.params:
            if argument.param_type_name == "argument":
                name = (
                    argument.metavar if argument.required else f"[{argument.metavar}]"
                )
                pieces.append(f"{name}..." if argument.nargs == -1 else name)
        return [*pieces, *(["COMMAND ..."] if isinstance(self, TyperGroup) else [])]


class Command(Help, TyperCommand):
    """A command of Typer with this --help."""


class Group(Help, TyperGroup):
    """The commands of Typer with this --help."""


# -- from declarations to Typer --------------------------------------------------------


def make_app():
    """Return the Typer application with all commands."""
    app = typer.Typer(
        name=PROGRAM,
        cls=Group,
        help=HELP,
        epilog=f"'{PROGRAM} COMMAND --help' explains a command.\n{EXIT_CODES}",
        invoke_without_command=True,
        callback=begin,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in COMMANDS.items():
        examples = "\n".join(f"  {line}" for line in command.examples)
        app.command(
            name,
            cls=Command,
            help=command.text,
            short_help=command.summary,
            epilog=f"Examples:\n{examples}\n\n{EXIT_CODES}",
        )(taker(name, command))
    return app


def print_version(wanted: bool):
    """Print the version and end where --version was given."""
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


def begin(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="print the version",
            callback=print_version,
            is_eager=True,
            rich_help_panel=OUTPUT,
        ),
    ] = False,
):
    """Print the help on stderr where no command was given."""
    if context.invoked_subcommand is None:
        with redirect_stdout(sys.stderr):
            typer.echo(context.get_help())
        raise typer.Exit(2)


def taker(name, command):
    """Return a function with the command's parameters; it returns name and values."""

    def take(**values):
        return name, SimpleNamespace(**values)

    take.__signature__ = inspect.Signature([*map(parameter_of, command.takes)])
    return take


def parameter_of(declared):
    """Return an argument or option as the parameter of a function that Typer reads."""
    if isinstance(declared, Argument):
        annotation, default = argument(declared)
    elif declared.kind is None:
        annotation, default = switch(declared), False
    else:
        annotation, default = option(declared)
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(
        declared.parameter, kind, default=default, annotation=annotation
    )


def argument(declared):
    info = typer.Argument(
        metavar=declared.shown,
        help=declared.text,
        autocompletion=lambda: [*declared.choices],
    )
    kind = list[str] if declared.many else str
    default = None if declared.optional else inspect.Parameter.empty
    return Annotated[kind, info], default


def switch(declared):
    info = typer.Option(
        *declared.flags,
        help=declared.text,
        show_default=declared.shown or False,
        rich_help_panel=declared.group,
    )
    return Annotated[bool, info]


def option(declared):
    kind = declared.kind
    named = kind.choices and "|" not in kind.shown  # they are too many for the name
    info = typer.Option(
        *declared.flags,
        help=f"{declared.text}: {', '.join(kind.choices)}" if named else declared.text,
        metavar=kind.shown,
        callback=lambda text: read(kind, text),
        autocompletion=lambda: [*kind.choices],
        show_default=declared.shown or True,
        rich_help_panel=declared.group,
    )
    default = inspect.Parameter.empty if declared.required else declared.default
    return Annotated[str, info], default


def read(kind, text):
    """Return the value of a text; raise BadParameter where it breaks the rule."""
    if text is None:
        return None
    try:
        return kind.read(text)
    except ValueError:
        raise typer.BadParameter(
            f"must be {kind.rule}, got {text!r}{did_you_mean(text, kind.choices)}"
        ) from None


def did_you_mean(text, names):
    """Return a question with the name that is nearest, or nothing."""
    near = get_close_matches(text, names, 1)
    return f"; did you mean {near[0]}?" if near else "."


# -- reading the command line ----------------------------------------------------------


def parse(words):
    """Return (name, arguments) of a command line, or the exit code of one like --help.

    Raises ValueError, with one line, where the words are wrong.
    """
    application = typer.main.get_command(make_app())
    try:
        return application.main(words, prog_name=PROGRAM, standalone_mode=False)
    except UsageError as error:
        command = [word for word in words if word in COMMANDS][:1]
        way_out = f"'{' '.join([PROGRAM, *command])} --help' explains."
        raise ValueError(f"{usage_text(error)} {way_out}") from None


def usage_text(error):
    """Return what is wrong with a command line: option, rule, value."""
    parameter = getattr(error, "param", None)
    flag = parameter and (parameter.opts[0] if parameter.opts else parameter.name)
    if parameter is not None and parameter.param_type_name == "argument":
        flag = parameter.metavar
    kind = type(error).__name__
    if kind == "MissingParameter":
        return f"{flag} must be given."
    if kind == "NoSuchOption":
        near = did_you_mean(error.option_name, error.possibilities or [])
        return f"there is no option {error.option_name}{near}"
    if kind == "BadOptionUsage":
        return f"{error.option_name} must have a value after it."
    if kind == "BadParameter":
        return f"{flag} {error.message}"
    text = error.format_message()  # no such command, or a word too many
    return text if text[-1] in ".?" else f"{text}."
