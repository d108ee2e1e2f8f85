//! Words of the design and of a release as a whole.

words! {
    /// What to do with a stratum in which one unit was sampled: its variance cannot be estimated.
    SinglePsu {
        /// Deviation from the grand mean instead of from the mean of the stratum (R survey `adjust`).
        Adjust => "adjust",
        /// The average contribution of the other strata (R survey `average`).
        Average => "average",
        /// No contribution, as if the unit were certain to be sampled (R survey `certainty`).
        Certainty => "certainty",
        /// The run stops (R survey `fail`).
        Fail => "fail",
    }
}

words! {
    /// Which degrees of freedom an interval uses.
    DegreesOfFreedom {
        /// Units minus strata that the domain itself holds, as R survey does after `subset`.
        Domain => "domain",
        /// Units minus strata of the whole design.
        Design => "design",
    }
}

words! {
    /// Who may see a release.
    Audience {
        /// As confidential as the respondent files.
        Internal => "internal",
        /// Everybody.
        Public => "public",
    }
}
