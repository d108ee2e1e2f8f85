//! The words of comparisons, tests and precision.

words! {
    /// Which test lies under a p-value.
    Test {
        /// Rao and Scott's adjusted F test of independence in a weighted two-way table.
        RaoScottF => "rao_scott_f",
        /// Student's t test of a difference.
        T => "t",
        /// The posterior probability of a model takes the place of a p-value.
        Posterior => "posterior",
        /// No test was made.
        None => "none",
    }
}

words! {
    /// What a comparison comes to.
    Verdict {
        /// Higher than the reference.
        Higher => "higher",
        /// Lower than the reference.
        Lower => "lower",
        /// No difference was shown, which is not the same as being equal.
        NoDifference => "no_difference",
    }
}

words! {
    /// A verdict in terms of health.
    Favourable {
        /// More favourable than the reference.
        Better => "better",
        /// Less favourable than the reference.
        Worse => "worse",
    }
}

words! {
    /// What a figure is compared with.
    Reference {
        /// The wider region without the region itself.
        RestOfParent => "rest_of_parent",
        /// The next wider region as a whole.
        Parent => "parent",
        /// The GGD region.
        Ggd => "ggd",
        /// The Netherlands.
        Nl => "nl",
        /// The other categories of the dimension together.
        RestOfDimension => "rest_of_dimension",
        /// One other category of the dimension.
        OtherCategory => "other_category",
        /// The period before.
        PreviousPeriod => "previous_period",
        /// A declared earlier period.
        BasePeriod => "base_period",
        /// A declared target.
        Target => "target",
        /// All regions of the same level with the same parent.
        AllSiblings => "all_siblings",
    }
}

words! {
    /// How p-values are adjusted for their number.
    Adjustment {
        /// Not adjusted.
        None => "none",
        /// Times the number of tests (R `p.adjust` `bonferroni`).
        Bonferroni => "bonferroni",
        /// Holm's step-down procedure (R `p.adjust` `holm`).
        Holm => "holm",
        /// Benjamini and Hochberg's false discovery rate (R `p.adjust` `BH`).
        BenjaminiHochberg => "benjamini_hochberg",
    }
}

words! {
    /// Class of precision of a figure.
    Reliability {
        /// Precise enough to stand by itself.
        Reliable => "reliable",
        /// Somebody has to look at it before it is used.
        Review => "review",
        /// Too imprecise to be used by itself.
        Unreliable => "unreliable",
    }
}

words! {
    /// Which tests are adjusted together.
    Family {
        /// All tests of a parameter that a release shows.
        Parameter => "parameter",
        /// All tests that a release shows.
        Release => "release",
    }
}
