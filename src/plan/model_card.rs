//! The card of a modelled parameter: what it was made of and what may be said with it, in Dutch.

use std::fmt::Write as _;

use super::build_model::ModelledPlan;
use super::model::{JUDGED, Verdict};
use crate::declare::{ModelRules, NeighbourKind, Parameter};
use crate::estimate::ModelNumbers;
use crate::publish::ModelCard;

/// A number with a comma, as Dutch writes it.
pub(super) fn dutch(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}").replace('.', ",");
    // What rounds to nothing has no sign.
    if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { text } else { text.trim_start_matches('-').to_owned() }
}

/// A mean over so many areas; of a few of them the answers would follow.
pub(super) fn of_areas(areas: usize, mean: f64) -> String {
    if areas < JUDGED { "te weinig gebieden".to_owned() } else { dutch(mean, 2) }
}

/// The card of a parameter. It holds no count of respondents below a hundred.
pub(super) fn card(
    declared: &ModelRules,
    own: &ModelledPlan,
    parameter: &Parameter,
    verdict: &Verdict<'_>,
    (shown, areas): &(usize, usize),
) -> ModelCard {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, declared, own, parameter, verdict, (*shown, *areas));
    ModelCard { parameter: parameter.id.value.clone(), text }
}

fn write(
    text: &mut String,
    declared: &ModelRules,
    own: &ModelledPlan,
    parameter: &Parameter,
    verdict: &Verdict<'_>,
    (shown, areas): (usize, usize),
) -> std::fmt::Result {
    let level = declared.level.value;
    writeln!(text, "# Modelkaart: {}\n", parameter.label_nl)?;
    writeln!(
        text,
        "Parameter `{}`, versie {}. Bron `{}`: {}.\n",
        parameter.id.value, parameter.version, declared.id.value, declared.title
    )?;
    match verdict {
        Verdict::Shown(_) => writeln!(
            text,
            "**Uitkomst:** {shown} van de {areas} gebieden van niveau {level} hebben een cijfer. De andere zijn achtergehouden; de reden staat bij elk cijfer.\n"
        )?,
        Verdict::Withheld(reason, why, _) => {
            writeln!(
                text,
                "**Uitkomst: achtergehouden** (`{}`): {why}. Geen enkel gebied heeft een cijfer.\n",
                reason.as_str()
            )?;
        }
    }
    writeln!(text, "## Gegevens\n")?;
    writeln!(text, "- respondenten van `{}`", declared.source.value)?;
    for table in declared.population.tables.iter().chain(&declared.population.prior) {
        let dimensions: Vec<&str> = table.dimensions.iter().map(|name| name.value.as_str()).collect();
        let role = if table.region.is_some() {
            "inwoners"
        } else {
            "inwoners van alle gebieden samen, voor de kruising (IPF)"
        };
        writeln!(text, "- {role} naar {}: `{}`", dimensions.join(" × "), table.file.value)?;
    }
    if let Some(facts) = &declared.facts {
        let columns: Vec<&str> = facts.columns.iter().map(|name| name.value.as_str()).collect();
        writeln!(text, "- openbare kenmerken: `{}` ({})", facts.file.value, columns.join(", "))?;
    }
    if let Some(map) = &declared.neighbours {
        match &map.kind {
            NeighbourKind::Edges(..) => writeln!(text, "- lijst van buren: `{}`", map.file.value)?,
            NeighbourKind::Shapes { layer, leave_out, .. } => {
                let layer = layer.as_ref().map_or_else(String::new, |own| format!(", laag `{own}`"));
                let without: String =
                    leave_out.iter().map(|(name, own)| format!(", zonder {name} = `{own}`")).collect();
                let joined = match own.joined {
                    0 => String::new(),
                    1 => "; 1 deel zonder gedeelde grens is met het dichtstbijzijnde gebied verbonden".to_owned(),
                    more => {
                        format!("; {more} delen zonder gedeelde grens zijn met het dichtstbijzijnde gebied verbonden")
                    }
                };
                writeln!(text, "- kaart; buren delen een grens: `{}`{layer}{without}{joined}", map.file.value)?;
            }
        }
    }
    writeln!(text, "\n## Model\n")?;
    let groups = &own.ground.groups;
    writeln!(
        text,
        "Logistisch model met leeftijd ({} groepen){}{}, hun producten en vloeiende leeftijdslijnen, {} kenmerken van het gebied met krimp, en een gebiedseffect dat deels los staat en deels op dat van de buren lijkt (BYM2). De spreidingen van gebiedseffect en kenmerken zijn niet ingevuld maar uitgemiddeld. De uitkomst is gewogen naar de inwoners van elk gebied. De weegfactoren van de monitor zijn niet gebruikt{}.\n",
        groups.ages.len(),
        if groups.sexes > 1 { ", geslacht" } else { "" },
        if groups.educations > 1 { ", opleiding" } else { "" },
        own.ground.facts.len() / own.ground.areas.max(1),
        if declared.benchmark {
            ", behalve in de variant `benchmarked`: die sluit aan op het gewogen cijfer van de hele regio"
        } else {
            ""
        },
    )?;
    let outcome = match verdict {
        Verdict::Shown(outcome) => Some(*outcome),
        Verdict::Withheld(_, _, outcome) => *outcome,
    };
    if let Some(outcome) = outcome {
        numbers(text, &outcome.card, declared)?;
    }
    let limits = &declared.limits;
    writeln!(text, "## Wat u ermee kunt zeggen\n")?;
    writeln!(text, "- Vergelijk gebieden met hun interval of met `probability_higher`, niet met het cijfer alleen.")?;
    writeln!(
        text,
        "- Het cijfer leunt op wat gebieden met dezelfde bevolking en kenmerken gemeen hebben. Wat één buurt of wijk zelf doet, zoals een lokaal project, ziet het nauwelijks: `own_share` zegt welk deel uit eigen gegevens komt."
    )?;
    writeln!(
        text,
        "- Zet het nooit in één trend of vergelijking met gewogen of gepubliceerde cijfers, of met een model van een ander jaar."
    )?;
    writeln!(
        text,
        "- Wie niet meedoet om redenen die niet in leeftijd, geslacht, opleiding of gebied zitten, ontbreekt ook hier; geen interval laat dat zien.\n"
    )?;
    writeln!(text, "## Grenzen\n")?;
    writeln!(
        text,
        "- Antwoorden uit een gebied met minder dan {} antwoorden zijn weggelaten: daar zegt het cijfer niets over de deelnemers.",
        limits.own_answers
    )?;
    writeln!(
        text,
        "- Eén ander antwoord verschuift een getoond cijfer naar schatting ten hoogste {} procentpunt; een nieuwe berekening kan daarvan afwijken.",
        dutch(100.0 * limits.shown.maximum_influence, 1)
    )?;
    writeln!(
        text,
        "- Geen cijfer bij minder dan {} inwoners; bij minder dan {} ook niet als het onder 10% of boven 90% ligt.",
        limits.shown.minimum_population, limits.shown.group_population
    )?;
    writeln!(text, "- Grond: {}", declared.ground)
}

fn numbers(text: &mut String, card: &ModelNumbers, declared: &ModelRules) -> std::fmt::Result {
    writeln!(text, "| | |\n|---|---|")?;
    writeln!(text, "| antwoorden, op honderdtallen | {} |", card.answers)?;
    writeln!(text, "| gebieden, waarvan met eigen antwoorden | {}, {} |", card.areas.0, card.areas.1)?;
    writeln!(
        text,
        "| spreiding tussen gebieden die de kenmerken niet verklaren (sd, logit) | {} |",
        dutch(card.area_sd, 2)
    )?;
    writeln!(text, "| deel daarvan dat ruimtelijk is | {} |", dutch(card.spatial_part, 2))?;
    writeln!(text, "| sd van de coëfficiënten van de kenmerken | {} |", dutch(card.fact_sd, 2))?;
    writeln!(
        text,
        "| effectief aantal coëfficiënten van producten, lijnen en kenmerken | {} |",
        dutch(card.degrees, 1)
    )?;
    writeln!(text, "| gemiddeld eigen aandeel | {} |", dutch(card.own_share, 2))?;
    if let Some(shift) = card.shift {
        writeln!(text, "| verschuiving van `benchmarked` (logit) | {} |", dutch(shift, 3))?;
    }
    let checks = &card.checks;
    let limits = &declared.limits;
    writeln!(text, "\n## Toetsen op de gegevens zelf\n")?;
    writeln!(text, "| toets | gevonden | verwacht of grens |\n|---|---|---|")?;
    writeln!(
        text,
        "| gebieden met minstens {} antwoorden, om de beurt weggelaten | {} | |",
        limits.checked_answers, checks.left_out
    )?;
    writeln!(text, "| gemiddelde z daarvan | {} | ongeveer 0 |", of_areas(checks.left_out, checks.mean_z))?;
    writeln!(
        text,
        "| gemiddelde z² | {} | ongeveer 1, hoogstens {} |",
        of_areas(checks.left_out, checks.mean_square_z),
        dutch(limits.maximum_mean_square, 1)
    )?;
    writeln!(
        text,
        "| ruimere gebieden die overeenkomen met hun gewogen cijfer | {} van {} | minstens {} deel |",
        checks.sums.1,
        checks.sums.0,
        dutch(limits.minimum_agreement, 2)
    )?;
    let gain = checks.log_score_gain.map_or_else(|| "geen uitkomst".to_owned(), |own| dutch(own, 4));
    writeln!(text, "| winst in logscore per antwoord, kruisvalidatie | {gain} | boven 0 |")?;
    let slope = checks.calibration.map_or_else(|| "geen uitkomst".to_owned(), |own| dutch(own, 2));
    writeln!(text, "| helling van waargenomen op voorspeld | {slope} | ongeveer 1 |\n")?;
    let kish = match checks.without_design {
        0 => String::new(),
        1 => {
            " Van 1 ruimer gebied is er zo'n cijfer niet; daar telt het effectieve aantal antwoorden (Kish).".to_owned()
        }
        more => format!(
            " Van {more} ruimere gebieden is er zo'n cijfer niet; daar telt het effectieve aantal antwoorden (Kish)."
        ),
    };
    writeln!(
        text,
        "Het gewogen cijfer van een ruimer gebied is dat van alle deelnemers die er wonen, ook als hun wijk onbekend is, met dezelfde weegfactor en dezelfde marge als het cijfer in de tabellen: strata en eindige populatie tellen mee. Gebieden waarvan dat cijfer niet getoond wordt, doen niet mee.{kish}\n"
    )
}
