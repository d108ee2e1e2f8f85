//! Shapes of published tables.

words! {
    /// How a published table is laid out. Recognised from the file and shown by `explain`; a pipeline may pin it.
    Shape {
        /// StatLine v3 TypedDataSet: keys as header, decimal point, empty cells for whatever has no value.
        StatlineTyped => "statline-v3-typed",
        /// StatLine v3 UntypedDataSet: keys as header, padded text; `.` is withheld or unknown, empty is not measured.
        StatlineUntyped => "statline-v3-untyped",
        /// Portal download "CSV": titles as header, decimal comma, empty cells for whatever has no value.
        Portal => "portal",
        /// Portal download "CSV met statistische symbolen": titles as header, padded text, `.` and empty kept apart.
        PortalSymbols => "portal-symbols",
        /// Old StatLine download (Statweb): title, paths and units above the rows, a footer below; `.` is withheld or unknown.
        Statweb => "statweb",
        /// OData v4 Observations: one row per measure.
        ODataV4 => "odata-v4",
        /// A plain table, often a re-export: any header, `NA`, `.` or empty for whatever has no value.
        Plain => "plain",
    }
}

impl Shape {
    /// Whether an empty cell means "not measured", because withheld cells have a mark of their own.
    #[must_use]
    pub const fn keeps_apart(self) -> bool {
        matches!(self, Self::StatlineUntyped | Self::PortalSymbols | Self::Statweb)
    }
}
