//! What the words of a release mean, Dutch first. A new word in `vocab` does not compile without an entry here.

use crate::vocab::{IntervalMethod, Method, Reason, Sample, Statistic, Status, Unit};

/// A word with its meaning in Dutch and English.
pub(super) type Meaning = (&'static str, &'static str);

pub(super) const fn status(word: Status) -> Meaning {
    match word {
        Status::Ok => ("de waarde staat er", "the value is published"),
        Status::Suppressed => (
            "de waarde bestaat maar wordt niet getoond, om niemand herkenbaar te maken",
            "the value exists and is withheld, so that nobody can be recognised",
        ),
        Status::NotMeasured => ("de bron heeft dit niet gemeten", "the source did not measure it"),
        Status::NotAvailable => (
            "de bron heeft geen waarde, om de reden die ernaast staat",
            "the source has no value, for the reason beside it",
        ),
    }
}

pub(super) const fn reason(word: Reason) -> Meaning {
    match word {
        Reason::MinN => ("te weinig geldige antwoorden", "fewer valid answers than the floor"),
        Reason::MinAnswer => {
            ("te weinig antwoorden aan één kant (ja of nee)", "fewer answers on one side (yes or no) than the floor")
        }
        Reason::GroupDisclosure => (
            "iedereen of niemand, in een kleine groep: dat zou iets over alle leden zeggen",
            "everybody or nobody, in a small group: that would tell on its members",
        ),
        Reason::Complementary => (
            "achtergehouden omdat er anders een ander achtergehouden cijfer uit volgt",
            "withheld because another withheld figure would follow from it",
        ),
        Reason::MinPopulation => ("te weinig inwoners", "fewer inhabitants of the region than the floor"),
        Reason::Dominance => {
            ("één antwoord weegt te zwaar in het cijfer", "one answer carries too large a part of the figure")
        }
        Reason::Differencing => (
            "achtergehouden omdat een eerder gepubliceerd cijfer, of een met andere grenzen, zou verraden wat enkelen antwoordden",
            "withheld because an earlier figure, or one of other borders, would give away what few people answered",
        ),
        Reason::Withheld => ("achtergehouden: onvoldoende of geheim", "withheld: too few answers, or secret"),
        Reason::NoDf => (
            "te weinig vrijheidsgraden: de waarde staat er, een interval kan niet",
            "no degrees of freedom: the value stands, an interval cannot",
        ),
        Reason::NoVariance => (
            "de geschatte variantie is nul: de waarde staat er, een interval zou misleiden",
            "the estimated variance is zero: the value stands, an interval would mislead",
        ),
        Reason::FirstOrder => (
            "de toets van eerste orde, omdat die van tweede orde geen vrijheidsgraden heeft",
            "the first-order test, because the second-order one has no degrees of freedom",
        ),
        Reason::Unreliable => {
            ("te onnauwkeurig volgens de opgegeven grenzen", "too imprecise by the declared thresholds")
        }
        Reason::SourceWithheld => (
            "de bron zegt zelf: onbekend, onvoldoende betrouwbaar of geheim",
            "the source itself says: unknown, insufficiently reliable or secret",
        ),
        Reason::SourceEmpty => (
            "leeg in de bron; die zegt niet of het is achtergehouden of niet gemeten",
            "empty in the source, which does not tell withheld from not measured",
        ),
        Reason::SourceLacks => {
            ("de bron heeft niet wat de parameter nodig heeft", "the source does not hold what the parameter needs")
        }
    }
}

pub(super) const fn method(word: Method) -> Meaning {
    match word {
        Method::Direct => ("gewogen schatting uit de respondenten", "survey-weighted from respondents"),
        Method::Published => ("overgenomen uit een gepubliceerde tabel", "taken over from a published table"),
        Method::Register => ("geteld in een register", "counted in a register"),
        Method::Synthetic => (
            "landelijk cijfer maal de bevolking ter plaatse; nooit te vergelijken met gemeten cijfers",
            "national rate times the local population; never comparable to measured figures",
        ),
    }
}

pub(super) const fn sample(word: Sample) -> Meaning {
    match word {
        Sample::Probability => ("kanssteekproef", "probability sample"),
        Sample::Open => ("open werving: wie wilde, kon meedoen", "open recruitment: who wanted to could take part"),
        Sample::Register => ("register", "register"),
        Sample::Model => ("schatting met een model", "estimates of a model"),
    }
}

pub(super) const fn unit(word: Unit) -> Meaning {
    match word {
        Unit::Share => ("aandeel van 0 tot en met 1 (0,12 is 12%)", "share from 0 to 1 (0.12 is 12 per cent)"),
        Unit::Mean => ("gemiddelde, op de schaal van de score", "mean, on the scale of the score"),
        Unit::Count => ("aantal personen, huishoudens of gebeurtenissen", "number of persons, households or events"),
        Unit::Per1000 => ("per 1.000", "per 1,000"),
        Unit::Per100000 => ("per 100.000", "per 100,000"),
        Unit::Index => ("index of score van een gebied als geheel", "index or score of a region as a whole"),
    }
}

pub(super) const fn statistic(word: Statistic) -> Meaning {
    match word {
        Statistic::Crude => {
            ("zoals waargenomen of gepubliceerd, niet gestandaardiseerd", "as observed or published, not standardised")
        }
        Statistic::Funnel => (
            "het cijfer van het ruimere gebied, met de grenzen die het toeval stelt aan een gebied van deze omvang (trechtergrafiek)",
            "the figure of the wider region, with the limits that chance sets to a region of this size (funnel plot)",
        ),
        Statistic::Gap => ("best af min slechtst af", "best-off group minus worst-off group"),
        Statistic::IndirectRatio => (
            "waargenomen aantal gedeeld door het aantal bij de cijfers van de referentie (indirect gestandaardiseerd); 1 is gelijk",
            "observed events over those at the rates of the reference (indirectly standardised); 1 is equal",
        ),
        Statistic::Rank => (
            "plaats onder de getoonde gebieden van dit niveau, 1 is het hoogste cijfer; het interval geldt voor alle plaatsen tegelijk",
            "place among the shown regions of the level, 1 is the highest figure; the interval holds for all places at once",
        ),
        Statistic::Ratio => ("best af gedeeld door slechtst af", "best-off group over worst-off group"),
        Statistic::Rii => (
            "relatieve index van ongelijkheid: geschatte waarde bovenaan de rangorde gedeeld door die onderaan; standaardfout op de logschaal",
            "relative index of inequality: fitted value at the top of the ranking over that at the bottom; standard error on the log scale",
        ),
        Statistic::Sii => (
            "hellingsindex van ongelijkheid: geschatte waarde bovenaan de rangorde min die onderaan",
            "slope index of inequality: fitted value at the top of the ranking minus that at the bottom",
        ),
        Statistic::Standardised => (
            "zoals het zou zijn bij de opbouw van de standaardbevolking",
            "as it would be with the structure of the standard population",
        ),
    }
}

pub(super) const fn interval_method(word: IntervalMethod) -> Meaning {
    match word {
        IntervalMethod::Logit => {
            ("symmetrisch op de logitschaal, met een t-kwantiel", "symmetric on the logit scale, with a t quantile")
        }
        IntervalMethod::Beta => ("bèta-interval van Korn en Graubard", "beta interval of Korn and Graubard"),
        IntervalMethod::Wilson => (
            "scoreinterval van Wilson op de effectieve steekproefomvang",
            "Wilson's score interval on the effective sample size",
        ),
        IntervalMethod::ClopperPearson => {
            ("Clopper-Pearson op de effectieve steekproefomvang", "Clopper-Pearson on the effective sample size")
        }
        IntervalMethod::Asin => ("symmetrisch op de boogsinusschaal", "symmetric on the arcsine square root scale"),
        IntervalMethod::T => (
            "symmetrisch op de schaal van de waarde, met een t-kwantiel",
            "symmetric on the scale of the value, with a t quantile",
        ),
        IntervalMethod::Byar => (
            "grenzen van Byar voor een aantal; exacte Poissongrenzen onder de 10",
            "Byar's limits of a count; exact Poisson limits below 10",
        ),
        IntervalMethod::Dobson => (
            "grenzen van Dobson voor een gestandaardiseerd cijfer, met die van Byar voor het aantal",
            "Dobson's limits of a standardised rate, with Byar's of the count",
        ),
        IntervalMethod::Source => (
            "grenzen zoals de bron ze geeft: een gepubliceerd interval, of wat de afronding openlaat (dan zonder betrouwbaarheid)",
            "limits as the source gives them: a published interval, or what its rounding leaves open (then without a confidence level)",
        ),
    }
}
