//! Words of the disclosure policy.

words! {
    /// Whether figures are withheld so that others cannot be worked out.
    Complementary {
        /// Over the whole linked system of tables of a parameter.
        Linked => "linked",
        /// Not at all: only what the floor withholds.
        None => "none",
    }
}

words! {
    /// What a withheld figure says of why it is withheld.
    ReasonsSaid {
        /// Its own reason.
        Shown => "shown",
        /// One reason for all, because `min_answer` says that few said yes, or few said no.
        Merged => "merged",
    }
}

words! {
    /// Columns of a figure that a policy may hide at a level.
    HiddenColumn {
        /// Standard error.
        Se => "se",
        /// Lower and upper limit.
        Limits => "limits",
        /// Unweighted valid answers; `n_class` stays.
        N => "n",
        /// Class of the number of valid answers.
        NClass => "n_class",
        /// Effective number of answers.
        NEffective => "n_effective",
        /// Design effect.
        Deff => "deff",
        /// Degrees of freedom.
        Df => "df",
    }
}
