"""`fairlead import`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli.context import JsonOption
from fairlead.cli.output import print_json, say
from fairlead.configuration.importing.formats import ImportFormat, import_configuration
from fairlead.configuration.importing.sources import Source
from fairlead.files.text import bytes_of, text_of


def import_(
    file_format: Annotated[ImportFormat, typer.Argument(metavar="FORMAT", help="auto: by what is in the files.")],
    files: Annotated[list[Path], typer.Argument(help="Files of one format; - for standard input.")],
    encoding: Annotated[str, typer.Option(help="Encoding of the files. Default: by their mark, else UTF-8.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write the configuration of another system as a file that `fairlead apply` takes; nothing is applied.

    What has no counterpart, and each name that had to be changed, is told by a comment where it belongs.

    \b
    terraform        .tf.json, or what `terraform show -json` prints
    cloudformation   templates with AWS::Connect::..., JSON or YAML
    connect          what `aws connect describe-...` and `list-...` print
    asterisk         queues.conf
    freeswitch       callcenter.conf.xml
    taskrouter       task queues, workflows, workers, activities as JSON
    csv              agents with their queues or profiles
    auto             by what is in the files

    \b
    fairlead import asterisk /etc/asterisk/queues.conf > centre.toml
    fairlead apply centre.toml --dry-run
    """
    sources = [Source(str(file), text_of(bytes_of(file), str(file), encoding)) for file in files]
    imported = import_configuration(file_format, sources)
    text = imported.text([file.name for file in files])
    made = imported.configuration
    own = {name: one for name, one in made.statuses.items() if name not in ("Available", "Offline")}
    counts = {
        "queues": len(made.queues), "profiles": len(made.profiles), "agents": len(made.agents),
        "statuses": len(own), "hours": len(made.hours),
    }  # fmt: skip
    if as_json:
        notes = [asdict(note) for note in imported.notes]
        print_json({"format": imported.file_format, "objects": counts, "notes": notes, "configuration": text})
        return
    typer.echo(text, nl=False)
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    say(f"{imported.file_format}: {told}; {len(imported.notes):,} notes are comments in the file")
