//! What must hold for the regions of a pipeline and their years.

use super::check::Checker;
use super::source::{Source, SourceKind};

impl Checker<'_> {
    pub(super) fn region_years(&self) {
        let regions = &self.pipeline.regions;
        for table in &regions.ggd {
            // A list of the project may hold the year; a table of CBS says its year here.
            if regions.list.is_none() && regions.tables.iter().all(|own| own.region_year != table.region_year) {
                self.fault(
                    "declare-region-year",
                    &table.file.place,
                    format!("there is no table of the regions of {}", table.region_year),
                    "add a `[[regions.table]]` of that year, or correct `region-year`",
                );
            }
        }
        for source in &self.pipeline.sources {
            self.recode(source);
            if let SourceKind::Respondents(own) = &source.kind {
                for place in own.region.columns.iter().filter_map(|column| column.monitor_number.as_ref()) {
                    if self.pipeline.ggd_file.is_none() {
                        self.fault(
                            "declare-missing-key",
                            place,
                            "`monitor-number` needs the list of GGD regions".to_owned(),
                            "name it: [definitions] ggd-regions = \"regions/ggd.toml\"",
                        );
                    }
                }
            }
        }
    }

    fn recode(&self, source: &Source) {
        let Some(to) = source.table().and_then(|table| table.recode_to.as_ref()) else { return };
        if self.pipeline.regions.recode(source.region_year, to.value).is_none() {
            self.fault(
                "declare-recode",
                &to.place,
                format!("there is no recode from {} to {}", source.region_year, to.value),
                "declare it: [[regions.recode]] with file, from-year and to-year; codes are never recoded by name",
            );
        }
    }
}
