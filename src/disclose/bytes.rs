//! A figure as bytes, to tell it from others.

use super::{Figure, Hidden};

impl Figure {
    /// Adds the figure to bytes that a digest is made of: all of it, so that a field that is added cannot be forgotten here.
    pub fn add_to(&self, to: &mut Vec<u8>) {
        let Self {
            parameter,
            collection,
            period,
            region,
            statistic,
            category,
            method,
            source,
            variant,
            value,
            se,
            lower,
            upper,
            confidence,
            interval_method,
            n,
            deff,
            df,
            population,
            status,
            reason,
            reliability,
            own_share,
            provisional,
            hidden,
        } = self;
        for index in [parameter, collection, period, region, category, source, variant] {
            to.extend(index.to_le_bytes());
        }
        let Hidden { n: hides_n, n_class, n_effective } = hidden;
        let none = u8::MAX;
        to.extend([
            *statistic as u8,
            *method as u8,
            *status as u8,
            interval_method.map_or(none, |own| own as u8),
            reason.map_or(none, |own| own as u8),
            reliability.map_or(none, |own| own as u8),
            u8::from(*provisional)
                | (u8::from(*hides_n) << 1)
                | (u8::from(*n_class) << 2)
                | (u8::from(*n_effective) << 3),
        ]);
        let doubles = [value, se, lower, upper, confidence, deff, population, own_share];
        let doubles = doubles.map(|own| own.map(|own| own.to_bits().to_le_bytes()));
        let counts = [n, df].map(|own| own.map(i64::to_le_bytes));
        let there = doubles.iter().chain(&counts).fold(0_u16, |all, own| (all << 1) | u16::from(own.is_some()));
        to.extend(there.to_le_bytes());
        doubles.into_iter().chain(counts).flatten().for_each(|own| to.extend(own));
    }
}
