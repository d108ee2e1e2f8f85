//! The closed vocabularies of a figure: every word that may stand in a text column of `figures`.

words! {
    /// What kind of number a figure is.
    Statistic {
        /// The figure as observed or published, without standardisation.
        Crude => "crude",
        /// The value of a wider region, with the limits that chance sets to a region of this size: what a funnel plot draws.
        Funnel => "funnel",
        /// Best-off group minus worst-off group.
        Gap => "gap",
        /// Observed events over those that the rates of a reference population would give (indirect standardisation).
        IndirectRatio => "indirect_ratio",
        /// Place of a region among the regions of its level, 1 for the highest value.
        Rank => "rank",
        /// Best-off group over worst-off group.
        Ratio => "ratio",
        /// Relative index of inequality: the fitted value at the top over that at the bottom.
        Rii => "rii",
        /// Slope index of inequality: the fitted value at the top minus that at the bottom.
        Sii => "sii",
        /// As it would be with the structure of a standard population (direct standardisation).
        Standardised => "standardised",
    }
}

impl Statistic {
    /// The unit of such a figure of a parameter: ratios and ranks are not in the unit of the parameter.
    #[must_use]
    pub const fn unit(self, of_parameter: Unit) -> Unit {
        match self {
            Self::Crude | Self::Funnel | Self::Gap | Self::Sii | Self::Standardised => of_parameter,
            Self::IndirectRatio | Self::Rank | Self::Ratio | Self::Rii => Unit::Index,
        }
    }
}

words! {
    /// How the value came about; never mixed in one trend.
    Method {
        /// Survey-weighted from respondents.
        Direct => "direct",
        /// Taken over from a published table.
        Published => "published",
        /// Counted in a register.
        Register => "register",
        /// A national rate × the local base population.
        Synthetic => "synthetic",
    }
}

words! {
    /// How the respondents or the counts behind a source were obtained.
    Sample {
        /// A probability sample.
        Probability => "probability",
        /// Open recruitment: who wanted to could take part.
        Open => "open",
        /// A register.
        Register => "register",
        /// Estimates of a model.
        Model => "model",
    }
}

words! {
    /// Unit of a value.
    Unit {
        /// Share in [0, 1], never per cent.
        Share => "share",
        /// Mean of a score, on the scale of the score.
        Mean => "mean",
        /// A number of persons, households or events.
        Count => "count",
        /// Events or persons per 1,000.
        Per1000 => "per_1000",
        /// Events or persons per 100,000.
        Per100000 => "per_100000",
        /// An index or a score of a region as a whole.
        Index => "index",
    }
}

words! {
    /// Whether a figure has a value.
    Status {
        /// The value is published.
        Ok => "ok",
        /// The value exists and is withheld by the disclosure policy.
        Suppressed => "suppressed",
        /// The source did not measure it.
        NotMeasured => "not_measured",
        /// The source has no value, for the reason beside it.
        NotAvailable => "not_available",
    }
}

words! {
    /// Why a figure has no value or no interval.
    Reason {
        /// Fewer valid answers than the floor.
        MinN => "min_n",
        /// Fewer answers on one side (yes or no) than the floor.
        MinAnswer => "min_answer",
        /// Fewer inhabitants of the region than the floor.
        MinPopulation => "min_population",
        /// One answer carries too large a part of the figure.
        Dominance => "dominance",
        /// Everybody or nobody, in a group small enough to tell on its members.
        GroupDisclosure => "group_disclosure",
        /// Withheld because another withheld figure would follow from it.
        Complementary => "complementary",
        /// A figure published earlier, or of other borders, would give away what few people answered.
        Differencing => "differencing",
        /// Withheld; a public release does not say why.
        Withheld => "withheld",
        /// No degrees of freedom: the value stands, an interval cannot.
        NoDf => "no_df",
        /// The estimated variance is zero: the value stands, a zero-width interval would mislead.
        NoVariance => "no_variance",
        /// The first-order test stands in for the second-order one, which has no degrees of freedom.
        FirstOrder => "first_order",
        /// Too imprecise by the declared thresholds.
        Unreliable => "unreliable",
        /// Withheld, unknown or unreliable, as the source says with its own mark.
        SourceWithheld => "source_withheld",
        /// Empty in the source, in a shape that cannot tell withheld from not measured.
        SourceEmpty => "source_empty",
        /// The source does not hold what the parameter needs, and the pipeline says so.
        SourceLacks => "source_lacks",
    }
}

words! {
    /// How an interval was made.
    IntervalMethod {
        /// Symmetric on the logit scale with a t quantile (R survey `svyciprop(method = "xlogit")`).
        Logit => "logit",
        /// Korn and Graubard's beta interval on the effective sample size.
        Beta => "beta",
        /// Wilson's score interval on the effective sample size with a t quantile.
        Wilson => "wilson",
        /// Clopper-Pearson on Kish's effective sample size, where the share is 0 or 1.
        ClopperPearson => "clopper_pearson",
        /// Symmetric on the arcsine square root scale.
        Asin => "asin",
        /// Symmetric on the scale of the value, with a t quantile.
        T => "t",
        /// Byar's limits of a count; exact Poisson limits below 10 events.
        Byar => "byar",
        /// Dobson's limits of a standardised rate, by Byar's limits of the count.
        Dobson => "dobson",
        /// Limits as the source gives them: a published interval, or what its rounding leaves open.
        Source => "source",
    }
}
