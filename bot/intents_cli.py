"""`peil understand intents`: how well side talk is told from answers, and from other side talk."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.settings import Settings, SettingsError


@click.command("intents")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures, shares from 0 to 1.")
@click.option("--wrong", "show_wrong", is_flag=True, help="Print also each line that was taken for another.")
@click.option("--model", "model_id", default=None, help="The maturity model whose first question is open.")
def intents(file: Path, as_json: bool, show_wrong: bool, model_id: str | None) -> None:
    """Judge lines of side talk and answers, each a JSON object {"lang", "intent", "text"}.

    Judged is what Peil does with a line that finds a question open: Rasa's NLU and the rules around it.
    """
    from bot import definitions, dialogue_model
    from bot import intents as judging
    from bot.bootstrap import definition_files

    try:
        settings = Settings.from_environment()
        known = judging.meanings_by_intent(settings.root)
        lines = judging.read_lines(file, known)
        models = definitions.load_all(definition_files(settings.definitions))
        # The question is one with levels where there is any, since own words are given to those.
        rubrics = [model for model in models if model.dimensions[0].items[0].kind == "rubric"]
        fitting = [model for model in models if model.id == model_id] if model_id else rubrics or models
        if not fitting:
            names = ", ".join(model.id for model in models) or "none"
            raise judging.IntentsError(f"There is no maturity model {model_id!r}; there are: {names}.")
        trained = dialogue_model.ensure(settings, lambda text: click.echo(text, err=True))
        guesses = judging.guess(settings, trained, [line.text for line in lines])
    except (
        SettingsError,
        definitions.DefinitionError,
        dialogue_model.DialogueModelError,
        judging.IntentsError,
    ) as error:
        raise click.ClickException(str(error)) from None
    judged = judging.judge(lines, guesses, known, fitting[0])
    found = judging.figures(judged)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(judging.table(found))
    if show_wrong:
        click.echo("")
        for one in judged:
            if not one.right:
                click.echo(f"{one.line.intent} -> {one.got}: {one.line.text}")
