//! The key of a figure: from indexes into the catalogue to text, checked once so that the rest may rely on it.

use super::{error::PublishError, verify_figures::RowRule};
use crate::{
    declare::{Catalogue, CategoryEntry, ParameterEntry, RegionEntry, SourceEntry},
    disclose::Figure,
    vocab::{Period, Status},
};

/// A catalogue whose lists are sorted and hold no key twice, so that the order of indexes is the order of the text.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) catalogue: &'a Catalogue,
}

impl<'a> Keys<'a> {
    /// Checks the order of every list.
    pub(super) fn new(catalogue: &'a Catalogue) -> Result<Self, PublishError> {
        let lists = [
            ("parameters", rising(&catalogue.parameters, |entry| &entry.id)),
            ("regions", rising(&catalogue.regions, |entry| (&entry.code, entry.region_year))),
            ("categories", rising(&catalogue.categories, |entry| (&entry.dimension, &entry.category))),
            ("sources", rising(&catalogue.sources, |entry| &entry.id)),
            ("periods", rising(&catalogue.periods, |entry| entry)),
            ("collections", rising(&catalogue.collections, |entry| entry)),
            ("variants", rising(&catalogue.variants, |entry| entry)),
        ];
        match lists.into_iter().find(|(_, sorted)| !sorted) {
            Some((list, _)) => Err(PublishError::CatalogueOrder { list }),
            None => Ok(Self { catalogue }),
        }
    }

    /// Checks that a figure points at entries that exist and does not contradict its status.
    ///
    /// The other methods index without looking, and may be called for figures that passed here.
    pub(super) fn check(self, figure: &Figure) -> Result<(), PublishError> {
        let catalogue = self.catalogue;
        let points = [
            ("parameters", figure.parameter, catalogue.parameters.len()),
            ("collections", figure.collection, catalogue.collections.len()),
            ("periods", figure.period, catalogue.periods.len()),
            ("regions", figure.region, catalogue.regions.len()),
            ("categories", figure.category, catalogue.categories.len()),
            ("sources", figure.source, catalogue.sources.len()),
            ("variants", figure.variant, catalogue.variants.len()),
        ];
        if let Some((list, index, _)) = points.into_iter().find(|&(_, index, len)| index as usize >= len) {
            return Err(PublishError::Dangling { list, index });
        }
        match contradiction(figure) {
            Some(rule) => Err(PublishError::Figure { key: self.text(figure), rule }),
            None => Ok(()),
        }
    }

    pub(super) fn parameter(self, figure: &Figure) -> &'a ParameterEntry {
        &self.catalogue.parameters[figure.parameter as usize]
    }

    pub(super) fn collection(self, figure: &Figure) -> &'a str {
        &self.catalogue.collections[figure.collection as usize]
    }

    pub(super) fn period(self, figure: &Figure) -> &'a Period {
        &self.catalogue.periods[figure.period as usize]
    }

    pub(super) fn region(self, figure: &Figure) -> &'a RegionEntry {
        &self.catalogue.regions[figure.region as usize]
    }

    pub(super) fn category(self, figure: &Figure) -> &'a CategoryEntry {
        &self.catalogue.categories[figure.category as usize]
    }

    pub(super) fn source(self, figure: &Figure) -> &'a SourceEntry {
        &self.catalogue.sources[figure.source as usize]
    }

    pub(super) fn variant(self, figure: &Figure) -> &'a str {
        &self.catalogue.variants[figure.variant as usize]
    }

    /// The key for a message. Words of the key only, never a number of the figure.
    pub(super) fn text(self, figure: &Figure) -> String {
        let (region, category) = (self.region(figure), self.category(figure));
        format!(
            "{} {} {} {} {} {} {}={} {} {} {:?}",
            self.parameter(figure).id,
            self.collection(figure),
            self.period(figure).label,
            region.code,
            region.region_year,
            figure.statistic,
            category.dimension,
            category.category,
            figure.method,
            self.source(figure).id,
            self.variant(figure),
        )
    }
}

/// Whether keys rise strictly.
fn rising<'a, T, K: PartialOrd>(list: &'a [T], key: impl Fn(&'a T) -> K) -> bool {
    list.windows(2).all(|pair| key(&pair[0]) < key(&pair[1]))
}

/// The rule that a figure breaks: a number beside a status that withholds it, no value beside `ok`, a number that is none.
fn contradiction(figure: &Figure) -> Option<RowRule> {
    let floats = [
        ("value", figure.value),
        ("se", figure.se),
        ("lower", figure.lower),
        ("upper", figure.upper),
        ("confidence", figure.confidence),
        ("deff", figure.deff),
        ("population", figure.population),
    ];
    if let Some((column, _)) = floats.into_iter().find(|(_, number)| number.is_some_and(|number| !number.is_finite())) {
        return Some(RowRule::NotFinite(column));
    }
    if figure.status == Status::Ok {
        return figure.value.is_none().then_some(RowRule::NoValue);
    }
    let withheld = [
        ("value", figure.value.is_some()),
        ("se", figure.se.is_some()),
        ("lower", figure.lower.is_some()),
        ("upper", figure.upper.is_some()),
        ("confidence", figure.confidence.is_some()),
        ("interval_method", figure.interval_method.is_some()),
        ("n", figure.n.is_some()),
        ("deff", figure.deff.is_some()),
        ("df", figure.df.is_some()),
    ];
    withheld.into_iter().find(|&(_, there)| there).map(|(column, _)| RowRule::Withheld(column))
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn a_withheld_figure_with_any_number_is_refused() {
        let (catalogue, mut figures) = fixture::small();
        let keys = Keys::new(&catalogue).unwrap();
        let figure = &mut figures[0];
        keys.check(figure).unwrap();
        fixture::withhold(figure);
        keys.check(figure).unwrap();
        figure.n = Some(7777);
        let error = keys.check(figure).unwrap_err();
        assert!(matches!(error, PublishError::Figure { rule: RowRule::Withheld("n"), .. }), "{error}");
        assert!(!error.to_string().contains("7777"), "a message never holds the number: {error}");
    }

    #[test]
    fn a_number_that_is_none_and_a_dangling_index_are_refused() {
        let (catalogue, mut figures) = fixture::small();
        let keys = Keys::new(&catalogue).unwrap();
        figures[0].se = Some(f64::NAN);
        assert!(matches!(keys.check(&figures[0]), Err(PublishError::Figure { rule: RowRule::NotFinite("se"), .. })));
        figures[1].value = None;
        assert!(matches!(keys.check(&figures[1]), Err(PublishError::Figure { rule: RowRule::NoValue, .. })));
        figures[2].region = 999;
        assert!(matches!(keys.check(&figures[2]), Err(PublishError::Dangling { list: "regions", index: 999 })));
    }

    #[test]
    fn an_unsorted_catalogue_is_refused() {
        let (mut catalogue, _) = fixture::small();
        catalogue.regions.reverse();
        assert!(matches!(Keys::new(&catalogue), Err(PublishError::CatalogueOrder { list: "regions" })));
    }
}
