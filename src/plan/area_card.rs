//! The card of a parameter with a model of areas, in Dutch.

use std::fmt::Write as _;

use super::area_model::AreaVerdict;
use super::model_card::{dutch, of_areas};
use crate::declare::{AreaModelRules, Parameter};
use crate::estimate::AreaNumbers;
use crate::publish::ModelCard;
use crate::vocab::Unit;

/// The card of a parameter. It holds no count of respondents.
pub(super) fn area_card(
    declared: &AreaModelRules,
    parameter: &Parameter,
    verdict: &AreaVerdict,
    (shown, areas): (usize, usize),
) -> ModelCard {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, declared, parameter, verdict, (shown, areas));
    ModelCard { parameter: parameter.id.value.clone(), text }
}

fn write(
    text: &mut String,
    declared: &AreaModelRules,
    parameter: &Parameter,
    verdict: &AreaVerdict,
    (shown, areas): (usize, usize),
) -> std::fmt::Result {
    let share = parameter.unit.value == Unit::Share;
    writeln!(text, "# Modelkaart: {}\n", parameter.label_nl)?;
    writeln!(
        text,
        "Parameter `{}`, versie {}. Bron `{}`: {}.\n",
        parameter.id.value, parameter.version, declared.id.value, declared.title
    )?;
    let outcome = match verdict {
        AreaVerdict::Shown(outcome) => {
            writeln!(
                text,
                "**Uitkomst:** {shown} van de {areas} gebieden van niveau {} hebben een cijfer. Bij de andere staat de reden.\n",
                declared.level.value
            )?;
            Some(outcome)
        }
        AreaVerdict::Withheld(reason, why, outcome) => {
            writeln!(
                text,
                "**Uitkomst: achtergehouden** (`{}`): {why}. Geen enkel gebied heeft een cijfer.\n",
                reason.as_str()
            )?;
            outcome.as_ref()
        }
    };
    writeln!(text, "## Gegevens\n")?;
    let origin =
        if declared.answers.is_some() { "gewogen cijfers per gebied van" } else { "gepubliceerde cijfers van" };
    writeln!(text, "- {origin} `{}`", declared.source.value)?;
    if let Some(facts) = &declared.facts {
        let columns: Vec<&str> = facts.columns.iter().map(|name| name.value.as_str()).collect();
        writeln!(text, "- openbare kenmerken: `{}` ({})", facts.file.value, columns.join(", "))?;
    }
    writeln!(text, "\n## Model\n")?;
    let scale = if share { "op de schaal van de arcsinus van de wortel" } else { "op de schaal van de score zelf" };
    writeln!(
        text,
        "Fay-Herriot, {scale}: het cijfer is een gewogen midden van het eigen cijfer van het gebied en wat zijn kenmerken voorspellen. Hoe onzekerder het eigen cijfer, hoe meer de voorspelling telt; `own_share` zegt hoeveel het eigen cijfer telt. De spreiding tussen gebieden is geschat met REML, de fout na Datta en Lahiri. Kaart en bevolking naar leeftijd, geslacht en opleiding zijn niet gebruikt. `variant` is `area_level`.\n"
    )?;
    if let Some(outcome) = outcome {
        numbers(text, &outcome.card, declared)?;
    }
    writeln!(text, "## Wat u ermee kunt zeggen\n")?;
    writeln!(
        text,
        "- Vergelijk gebieden met hun interval, niet met het cijfer alleen. Rangorden en toetsen zijn er niet."
    )?;
    writeln!(
        text,
        "- Zonder eigen cijfer (`own_share` 0) is het cijfer alleen wat gebieden met zulke kenmerken gemiddeld hebben."
    )?;
    writeln!(
        text,
        "- Zet het nooit in één trend of vergelijking met gewogen of gepubliceerde cijfers, of met een ander model."
    )?;
    writeln!(text, "- Gebieden tellen niet op tot het cijfer van hun gemeente.\n")?;
    writeln!(text, "## Grenzen\n")?;
    let limits = &declared.limits;
    if let Some(answers) = &declared.answers {
        writeln!(
            text,
            "- Uit zo'n model is het eigen cijfer van een gebied terug te rekenen. Daarom zijn antwoorden weggelaten uit gebieden met minder dan {} antwoorden en uit gebieden waarvan het eigen cijfer om zijn aantal antwoorden is achtergehouden; waar het om de antwoorden zelf is achtergehouden, is er ook hier geen cijfer.",
            answers.own
        )?;
        writeln!(
            text,
            "- Eén ander antwoord verschuift een getoond cijfer naar schatting ten hoogste {} procent van de lengte van de schaal.",
            dutch(100.0 * limits.maximum_influence, 1)
        )?;
    }
    writeln!(
        text,
        "- Geen cijfer bij minder dan {} inwoners; bij minder dan {} ook niet binnen een tiende van het begin of eind van de schaal.",
        limits.minimum_population, limits.group_population
    )?;
    writeln!(text, "- Grond: {}", declared.ground)
}

fn numbers(text: &mut String, card: &AreaNumbers, declared: &AreaModelRules) -> std::fmt::Result {
    writeln!(text, "| | gevonden | verwacht of grens |\n|---|---|---|")?;
    writeln!(text, "| gebieden, waarvan met eigen cijfer | {}, {} | |", card.areas.0, card.areas.1)?;
    let how = if card.adjusted { " (REML gaf 0; aangepaste aannemelijkheid)" } else { "" };
    writeln!(
        text,
        "| spreiding die de kenmerken niet verklaren (sd, schaal van het model){how} | {} | |",
        dutch(card.sd, 4)
    )?;
    if let Some(explained) = card.explained {
        writeln!(text, "| deel van de spreiding dat de kenmerken verklaren | {} | |", dutch(explained, 2))?;
    }
    writeln!(text, "| gemiddeld eigen aandeel waar er een eigen cijfer is | {} | |", dutch(card.own_share, 2))?;
    writeln!(
        text,
        "| gemiddelde z van gebieden die om de beurt zijn weggelaten | {} | ongeveer 0 |",
        of_areas(card.areas.1, card.mean_z)
    )?;
    writeln!(
        text,
        "| gemiddelde z² | {} | ongeveer 1, hoogstens {} |\n",
        of_areas(card.areas.1, card.mean_square_z),
        dutch(declared.maximum_mean_square, 1)
    )
}
