//! The columns of a demographic row: what age, sex and education may do to a share.

use std::ops::Range;

use super::NotPositive;
use super::spline::wiggles;

/// B-splines of an age curve.
const FUNCTIONS: usize = 11;

/// The groups that cells are made of. A row is age × sex × education, the last running fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Age in years of each age group: its mean, so that an open class has one too.
    pub ages: Vec<f64>,
    /// Number of sexes, 1 where they are not told apart.
    pub sexes: usize,
    /// Number of classes of education, 1 where they are not told apart.
    pub educations: usize,
}

impl Groups {
    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.ages.len() * self.sexes * self.educations
    }

    /// Indexes of age, sex and education of a row.
    #[must_use]
    pub const fn parts(&self, row: usize) -> (usize, usize, usize) {
        let (age, rest) = (row / (self.sexes * self.educations), row % (self.sexes * self.educations));
        (age, rest / self.educations, rest % self.educations)
    }
}

/// The matrix of rows × columns, with the columns of each variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// Columns.
    pub width: usize,
    /// Values, row by row.
    pub values: Vec<f64>,
    /// Columns that share a variance; columns in none are fixed effects.
    pub blocks: Vec<Range<usize>>,
}

impl Design {
    /// Columns of `groups`, age and its curves centred on `population` (persons per row).
    ///
    /// Fixed: intercept, each sex but the first, each class of education but the first, age. One variance for the products sex × education, sex × age
    /// and education × age. One variance each for the curve in age of everybody and the differences from it of each further sex and class, so that no curve
    /// is in the model twice.
    ///
    /// # Errors
    /// [`NotPositive`] without a population.
    pub fn new(groups: &Groups, population: &[f64]) -> Result<Self, NotPositive> {
        let total: f64 = population.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return Err(NotPositive);
        }
        let mut shares = vec![0.0; groups.ages.len()];
        population.iter().enumerate().for_each(|(row, persons)| shares[groups.parts(row).0] += persons / total);
        let mean = weighted(&groups.ages, &shares);
        let variance = groups.ages.iter().zip(&shares).map(|(age, share)| share * (age - mean).powi(2)).sum::<f64>();
        let several = variance > 0.0;
        let line: Vec<f64> =
            groups.ages.iter().map(|age| if several { (age - mean) / variance.sqrt() } else { 0.0 }).collect();
        let curves = if groups.ages.len() > 2 && several { age_curves(&groups.ages, &shares)? } else { Vec::new() };
        let (sexes, educations) = (groups.sexes - 1, groups.educations - 1);
        let curve = curves.first().map_or(0, Vec::len);
        let mut values = Vec::new();
        let mut width = 0;
        for row in 0..groups.rows() {
            let (age, sex, education) = groups.parts(row);
            let of_sex: Vec<f64> = (1..=sexes).map(|own| f64::from(u8::from(own == sex))).collect();
            let of_education: Vec<f64> = (1..=educations).map(|own| f64::from(u8::from(own == education))).collect();
            let start = values.len();
            values.push(1.0);
            values.extend(&of_sex);
            values.extend(&of_education);
            if several {
                values.push(line[age]);
            }
            of_sex.iter().for_each(|a| values.extend(of_education.iter().map(|b| a * b)));
            if several {
                values.extend(of_sex.iter().chain(&of_education).map(|a| a * line[age]));
            }
            if curve > 0 {
                let groups = std::iter::once(&1.0).chain(&of_sex).chain(&of_education);
                groups.for_each(|a| values.extend(curves[age].iter().map(|value| a * value)));
            }
            width = values.len() - start;
        }
        let age = usize::from(several);
        let fixed = 1 + sexes + educations + age;
        let products = sexes * educations + age * (sexes + educations);
        let mut blocks = Vec::new();
        if products > 0 {
            blocks.push(fixed..fixed + products);
        }
        let curves = if curve > 0 { 1 + sexes + educations } else { 0 };
        blocks.extend((0..curves).map(|own| {
            let start = fixed + products + own * curve;
            start..start + curve
        }));
        Ok(Self { width, values, blocks })
    }

    /// Columns of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }
}

/// Wiggles per age group, centred on the population.
fn age_curves(ages: &[f64], shares: &[f64]) -> Result<Vec<Vec<f64>>, NotPositive> {
    let low = ages.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ages.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut curves = ages.iter().map(|age| wiggles(*age, low, high, FUNCTIONS)).collect::<Result<Vec<_>, _>>()?;
    for column in 0..curves.first().map_or(0, Vec::len) {
        let mean: f64 = curves.iter().zip(shares).map(|(curve, share)| share * curve[column]).sum();
        curves.iter_mut().for_each(|curve| curve[column] -= mean);
    }
    Ok(curves)
}

fn weighted(values: &[f64], shares: &[f64]) -> f64 {
    values.iter().zip(shares).map(|(value, share)| value * share).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_two_sexes_three_classes_and_many_ages() {
        let groups = Groups { ages: (18..90).map(f64::from).collect(), sexes: 2, educations: 3 };
        let design = Design::new(&groups, &vec![1.0; groups.rows()]).expect("population");
        // Fixed 5, products 2 + 1 + 2, four curves of nine.
        assert_eq!(design.width, 5 + 5 + 36);
        assert_eq!(design.blocks, [5..10, 10..19, 19..28, 28..37, 37..46]);
        let last = design.row(groups.rows() - 1);
        assert_eq!(last[..4], [1.0, 1.0, 0.0, 1.0]);
        // Centred: over the population each column of the common curve adds to nothing.
        for column in (10..19).chain([4]) {
            let sum: f64 = (0..groups.rows()).map(|row| design.row(row)[column]).sum();
            assert!(sum.abs() < 1e-9);
        }
    }

    #[test]
    fn groups_that_are_not_told_apart_have_no_columns() {
        let groups = Groups { ages: vec![30.0, 60.0], sexes: 1, educations: 2 };
        let design = Design::new(&groups, &[1.0; 4]).expect("population");
        // Intercept, second class, age, class × age; two ages are a line.
        assert_eq!((design.width, design.blocks.as_slice()), (4, std::slice::from_ref(&(3..4))));
        assert_eq!(design.row(3), [1.0, 1.0, 1.0, 1.0]);
        let single = Groups { ages: vec![40.0], sexes: 1, educations: 1 };
        assert_eq!(Design::new(&single, &[3.0]).expect("population").values, [1.0]);
        assert_eq!(Design::new(&single, &[0.0]), Err(NotPositive));
    }
}
