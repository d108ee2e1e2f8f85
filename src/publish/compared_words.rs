//! What the words of comparisons and of precision mean, Dutch first.

use super::words::Meaning;
use crate::vocab::{Adjustment, Favourable, Reference, Reliability, Test, Verdict};

pub(super) const fn reference(word: Reference) -> Meaning {
    match word {
        Reference::RestOfParent => ("de rest van het ruimere gebied", "the wider region without this one"),
        Reference::Parent => ("het ruimere gebied als geheel", "the wider region as a whole"),
        Reference::Ggd => ("de GGD-regio", "the GGD region"),
        Reference::Nl => ("Nederland", "the Netherlands"),
        Reference::RestOfDimension => ("de andere categorieën samen", "the other categories together"),
        Reference::OtherCategory => ("één andere categorie", "one other category"),
        Reference::PreviousPeriod => ("de vorige meting", "the period before"),
        Reference::BasePeriod => ("een vaste eerdere meting", "a fixed earlier period"),
        Reference::Target => ("een streefwaarde", "a target"),
        Reference::AllSiblings => (
            "de gebieden binnen dit gebied onderling: één toets of zij verschillen",
            "the regions within this one against each other: one test whether they differ",
        ),
    }
}

pub(super) const fn test(word: Test) -> Meaning {
    match word {
        Test::RaoScottF => (
            "toets van Rao en Scott, tweede orde (F), op aandelen over een verdeling",
            "Rao-Scott test, second order (F), of shares over a partition",
        ),
        Test::T => ("t-toets van het verschil", "t test of the difference"),
        Test::Posterior => ("kans volgens een model", "probability by a model"),
        Test::None => ("geen toets", "no test"),
    }
}

pub(super) const fn adjustment(word: Adjustment) -> Meaning {
    match word {
        Adjustment::None => ("niet aangepast", "not adjusted"),
        Adjustment::Bonferroni => ("maal het aantal toetsen", "times the number of tests"),
        Adjustment::Holm => ("volgens Holm", "by Holm's procedure"),
        Adjustment::BenjaminiHochberg => (
            "volgens Benjamini en Hochberg (aandeel onterechte bevindingen)",
            "by Benjamini and Hochberg (false discovery rate)",
        ),
    }
}

pub(super) const fn verdict(word: Verdict) -> Meaning {
    match word {
        Verdict::Higher => ("hoger; bij trends stijgend", "higher; of trends rising"),
        Verdict::Lower => ("lager; bij trends dalend", "lower; of trends falling"),
        Verdict::NoDifference => (
            "geen verschil aangetoond, of kleiner dan het kleinste verschil dat ertoe doet; niet hetzelfde als gelijk",
            "no difference shown, or one below the smallest that matters; not the same as equal",
        ),
    }
}

pub(super) const fn favourable(word: Favourable) -> Meaning {
    match word {
        Favourable::Better => ("gunstiger", "more favourable"),
        Favourable::Worse => ("ongunstiger", "less favourable"),
    }
}

pub(super) const fn reliability(word: Reliability) -> Meaning {
    match word {
        Reliability::Reliable => ("nauwkeurig genoeg om op zichzelf te staan", "precise enough to stand by itself"),
        Reliability::Review => ("eerst laten beoordelen", "to be looked at before use"),
        Reliability::Unreliable => {
            ("te onnauwkeurig om op zichzelf te gebruiken", "too imprecise to be used by itself")
        }
    }
}
