//! How many people live in an area, by sex and age, and how the publisher rounds them.

use std::ops::AddAssign;

use crate::dice::{Dice, growth};

/// Shares of the age groups under 65 among everyone under 65: 0 to 15, 15 to 25, 25 to 45, 45 to 65.
const UNDER_65: [f64; 4] = [0.19, 0.15, 0.32, 0.34];

/// Inhabitants by sex and by age. The sexes and the ages are two divisions of the same people, hence men are never more than the total.
#[derive(Clone, Copy, Default)]
pub struct People {
    /// Men of all ages.
    pub men: u32,
    /// 0 to 15, 15 to 25, 25 to 45, 45 to 65, 65 and over.
    pub ages: [u32; 5],
}

impl People {
    /// Divides `inhabitants` over sexes and ages; `older` is the share of the adults who are 65 or over.
    pub fn draw(inhabitants: u32, older: f64, dice: &mut Dice) -> Self {
        let total = f64::from(inhabitants);
        let older = (total * 0.81 * older * growth(0.15 * dice.bell())).min(total) as u32;
        let younger = inhabitants - older;
        let shares = UNDER_65.map(|share| share * growth(0.12 * dice.bell()));
        let whole: f64 = shares.iter().sum();
        let [children, young, middle, _] = shares.map(|share| (f64::from(younger) * share / whole) as u32);
        let ages = [children, young, middle, younger - children - young - middle, older];
        Self { men: men(inhabitants, dice), ages }
    }

    /// The same people some years later or earlier: every group times about `factor`. Nobody stays nobody.
    pub fn changed(&self, factor: f64, dice: &mut Dice) -> Self {
        let ages = self.ages.map(|people| {
            let factor = factor * growth(0.01 * dice.bell());
            (f64::from(people) * factor).round() as u32
        });
        Self { men: men(ages.iter().sum(), dice), ages }
    }

    /// Everyone.
    pub fn total(&self) -> u32 {
        self.ages.iter().sum()
    }

    /// Women of all ages.
    pub fn women(&self) -> u32 {
        self.total() - self.men
    }

    /// People from 0 to 22, of whom youth care is counted: the groups of the table cut at 23.
    pub fn youths(&self) -> u32 {
        self.ages[0] + self.ages[1] * 4 / 5
    }

    /// People of 18 and over: the groups of the table cut at 18.
    pub fn adults(&self) -> u32 {
        self.total() - self.ages[0] - self.ages[1] * 3 / 10
    }
}

impl AddAssign for People {
    fn add_assign(&mut self, other: Self) {
        self.men += other.men;
        for (age, more) in self.ages.iter_mut().zip(other.ages) {
            *age += more;
        }
    }
}

/// The men among `inhabitants`, about half of them.
fn men(inhabitants: u32, dice: &mut Dice) -> u32 {
    let share = 0.496 + 0.008 * dice.bell();
    (f64::from(inhabitants) * share).round() as u32
}

/// A count as CBS publishes it for wijken and buurten: the nearest multiple of 5.
pub fn to_five(count: u32) -> u32 {
    (count + 2) / 5 * 5
}
