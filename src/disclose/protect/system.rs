//! The linked system of a parameter in one series.

use std::collections::BTreeSet;

use super::Stage;

/// A breakdown of the system: the total, a dimension or a crossing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// Its nodes, as indexes.
    pub nodes: Vec<usize>,
}

/// A category of a breakdown: per axis (a column of the file) the values that belong to it; `None` for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// One bit per value of the axis.
    pub values: Vec<Option<u64>>,
}

/// A region of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The nearest wider region of the system; regions stand behind their parents.
    pub parent: Option<usize>,
    /// Its level, 0 for the widest.
    pub level: usize,
}

/// A region × node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemCell {
    /// Whether there is a figure.
    pub there: bool,
    /// Answers yes and answers no; of a mean all answers and 0.
    pub answers: [u32; 2],
    /// Withheld because it has too few answers.
    pub few: bool,
    /// Withheld for another reason of its own.
    pub primary: bool,
    /// Cannot be withheld any more: an earlier release tells it.
    pub known: bool,
    /// Room of the answers yes and no beside other classes of the scale that are shown; 0 and above.
    pub room: [u32; 2],
    /// Withheld for the sake of others.
    pub(super) complementary: bool,
    /// Of them, for the sake of numbers of answers.
    pub(super) of_numbers: bool,
    /// Proven open: the number of answers, the answers yes, the answers no.
    pub(super) proven: [bool; 3],
}

impl SystemCell {
    /// A figure with its answers.
    #[must_use]
    pub const fn new(answers: [u32; 2]) -> Self {
        Self {
            there: true,
            answers,
            few: false,
            primary: false,
            known: false,
            room: answers,
            complementary: false,
            of_numbers: false,
            proven: [false; 3],
        }
    }

    /// All answers.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.answers[0] + self.answers[1]
    }

    /// Whether it is withheld for the sake of others.
    #[must_use]
    pub const fn is_complementary(&self) -> bool {
        self.complementary
    }

    /// Whether it is withheld.
    #[must_use]
    pub const fn is_withheld(&self) -> bool {
        self.few || self.primary || self.complementary
    }

    /// Whether everything that a stage asks is proven.
    pub(super) const fn is_safe(&self, stage: Stage) -> bool {
        match stage {
            Stage::Numbers => self.proven[0],
            Stage::Answers => self.proven[1] && self.proven[2],
        }
    }

    pub(super) const fn is_withheld_in(&self, stage: Stage) -> bool {
        match stage {
            Stage::Numbers => self.hides_n(),
            Stage::Answers => self.is_withheld(),
        }
    }

    /// Whether its number of answers is unknown, in this parameter and in others with the same answers.
    pub(super) const fn hides_n(&self) -> bool {
        self.few || self.of_numbers
    }
}

/// Cells with the sums that hold between them.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Regions, wider ones first.
    pub(super) places: Vec<Place>,
    /// Nodes.
    pub(super) nodes: Vec<Node>,
    /// `places × nodes`.
    pub(super) cells: Vec<SystemCell>,
    /// Whether the answers are yes and no, and not all alike.
    pub(super) share: bool,
    /// (whole, parts): nodes that are sums of others, whatever the region.
    pub(super) splits: Vec<(usize, Vec<usize>)>,
    /// Per region its parts.
    pub(super) children: Vec<Vec<usize>>,
    /// The narrowest level.
    pub(super) finest: usize,
}

impl System {
    /// Of regions, nodes in breakdowns, and cells in the order region × node.
    ///
    /// # Panics
    /// Where there are not as many cells as regions × nodes.
    #[must_use]
    pub fn new(
        places: Vec<Place>,
        nodes: Vec<Node>,
        breakdowns: &[Breakdown],
        cells: Vec<SystemCell>,
        share: bool,
    ) -> Self {
        assert_eq!(cells.len(), places.len() * nodes.len(), "a cell per region and node");
        let mut children = vec![Vec::new(); places.len()];
        for (at, place) in places.iter().enumerate() {
            if let Some(parent) = place.parent {
                children[parent].push(at);
            }
        }
        let splits = splits(&nodes, breakdowns);
        let finest = places.iter().map(|own| own.level).max().unwrap_or(0);
        Self { places, nodes, cells, share, splits, children, finest }
    }

    /// The cell of a region and node.
    #[must_use]
    pub fn cell(&self, place: usize, node: usize) -> &SystemCell {
        &self.cells[place * self.nodes.len() + node]
    }

    /// The cells, in the order region × node.
    #[must_use]
    pub fn cells(&self) -> &[SystemCell] {
        &self.cells
    }

    /// Without what was withheld for the sake of others.
    pub fn only_primary(&mut self) {
        for cell in &mut self.cells {
            cell.complementary = false;
            cell.of_numbers = false;
        }
    }

    /// Whether the answers are yes and no.
    #[must_use]
    pub const fn is_share(&self) -> bool {
        self.share
    }

    /// What another parameter of the scale leaves of a cell: on one side (0 yes, 1 no) no more than a class of so many answers, and
    /// whether the cell must be withheld because that class is too small.
    pub fn leave_room(&mut self, cell: usize, class: Option<(usize, u32)>, withheld: bool) {
        let cell = &mut self.cells[cell];
        if let Some((side, most)) = class {
            cell.room[side] = cell.room[side].min(most);
        }
        cell.primary |= withheld;
    }

    pub(super) const fn at(&self, place: usize, node: usize) -> usize {
        place * self.nodes.len() + node
    }

    /// Whether a cell's region has no parts in the system.
    pub(super) fn is_finest(&self, cell: usize) -> bool {
        self.children[cell / self.nodes.len()].is_empty()
    }

    pub(super) fn begin(&mut self, stage: Stage) {
        for cell in &mut self.cells {
            match stage {
                Stage::Numbers => cell.proven = [false; 3],
                // A mean has no answers yes and no.
                Stage::Answers if !self.share => cell.proven = [true; 3],
                Stage::Answers => {}
            }
        }
    }

    pub(super) fn withhold(&mut self, cell: usize, stage: Stage) {
        let cell = &mut self.cells[cell];
        if !cell.few && !cell.primary {
            cell.complementary = true;
        }
        cell.of_numbers |= stage == Stage::Numbers && !cell.few;
        // A cell that the floor withholds for its answers is now needed for the numbers as well.
        cell.proven = [false; 3];
    }

    /// What it costs to withhold a cell: its answers, more for a total than for a category, much more for a wider region.
    pub(super) fn cost(&self, cell: usize) -> u64 {
        let (place, node) = (cell / self.nodes.len(), cell % self.nodes.len());
        let axes = self.nodes[node].values.iter().flatten().count();
        let breadth = [8, 2, 1].get(axes).copied().unwrap_or(1);
        let wider = u32::try_from(self.finest - self.places[place].level).unwrap_or(0);
        (u64::from(self.cells[cell].n()) + 1) * breadth * 200_u64.saturating_pow(wider.min(5))
    }

    /// The parts of a cell over the regions: the nearest narrower ones that have the node.
    pub(super) fn parts_over_regions(&self, place: usize, node: usize, found: &mut Vec<usize>) {
        for child in &self.children[place] {
            let cell = self.at(*child, node);
            if self.cells[cell].there {
                found.push(cell);
            } else {
                self.parts_over_regions(*child, node, found);
            }
        }
    }
}

/// The nodes that are sums of the nodes of another breakdown.
fn splits(nodes: &[Node], breakdowns: &[Breakdown]) -> Vec<(usize, Vec<usize>)> {
    let mut found = Vec::new();
    for (at, own) in breakdowns.iter().enumerate() {
        for whole in &own.nodes {
            for (_, other) in breakdowns.iter().enumerate().filter(|(other, _)| *other != at) {
                if let Some(parts) = parts(nodes, *whole, &other.nodes) {
                    found.push((*whole, parts));
                }
            }
        }
    }
    // Few parts first: what is withheld for 75+ among 75-84 and 85+ serves the total too, and not the other way round.
    found.sort_by_key(|(_, parts): &(usize, Vec<usize>)| parts.len());
    found
}

/// The nodes of a breakdown that together are `whole`; `None` where they are not.
fn parts(nodes: &[Node], whole: usize, breakdown: &[usize]) -> Option<Vec<usize>> {
    let own = &nodes[whole];
    let within = |part: &usize| {
        own.values.iter().zip(&nodes[*part].values).all(|(whole, part)| match (whole, part) {
            (None, _) => true,
            (Some(whole), Some(part)) => part & !whole == 0,
            (Some(_), None) => false,
        })
    };
    let parts: Vec<usize> = breakdown.iter().copied().filter(within).collect();
    if parts.is_empty() || parts == [whole] {
        return None;
    }
    // Along every axis that the whole restricts, the parts must take all of its values.
    let covers = own.values.iter().enumerate().all(|(axis, values)| match values {
        None => true,
        Some(values) => parts.iter().fold(0, |all, part| all | nodes[*part].values[axis].unwrap_or(0)) == *values,
    });
    // Along every axis that it leaves open, they must be a whole dimension: all that the breakdown has.
    let open = |part: &usize| -> Vec<Option<u64>> {
        let axes = own.values.iter().zip(&nodes[*part].values);
        axes.filter(|(whole, _)| whole.is_none()).map(|(_, part)| *part).collect()
    };
    let all: BTreeSet<Vec<Option<u64>>> = breakdown.iter().map(open).collect();
    let taken: BTreeSet<Vec<Option<u64>>> = parts.iter().map(open).collect();
    (covers && all == taken).then_some(parts)
}
