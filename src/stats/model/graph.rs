//! The map as a graph: who borders on whom, in which order it is factored, and the scale of its intrinsic autoregression.

use super::NotPositive;
use super::band::{Band, BandCholesky};

/// Areas and their neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    neighbours: Vec<Vec<u32>>,
}

impl Graph {
    /// From pairs of areas below `areas`; a pair may come twice and in either order, and an area is no neighbour of itself.
    #[must_use]
    pub fn new(areas: usize, pairs: &[(u32, u32)]) -> Self {
        let mut neighbours = vec![Vec::new(); areas];
        for &(a, b) in pairs.iter().filter(|(a, b)| a != b) {
            neighbours[a as usize].push(b);
            neighbours[b as usize].push(a);
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        Self { neighbours }
    }

    /// Number of areas.
    #[must_use]
    pub const fn areas(&self) -> usize {
        self.neighbours.len()
    }

    /// Neighbours of an area, ascending.
    #[must_use]
    pub fn neighbours(&self, area: usize) -> &[u32] {
        &self.neighbours[area]
    }

    /// Pairs (a, b) of neighbours with a > b.
    pub fn edges(&self) -> impl Iterator<Item = (usize, usize)> {
        let lists = self.neighbours.iter().enumerate();
        lists.flat_map(|(a, list)| list.iter().map(move |b| (a, *b as usize)).filter(|(a, b)| a > b))
    }

    /// Number of the connected part that each area belongs to, parts in order of their first area.
    #[must_use]
    pub fn parts(&self) -> Vec<u32> {
        let mut part = vec![u32::MAX; self.areas()];
        let mut count = 0;
        for start in 0..self.areas() {
            if part[start] != u32::MAX {
                continue;
            }
            part[start] = count;
            let mut open = vec![start];
            while let Some(area) = open.pop() {
                for next in self.neighbours(area).iter().map(|next| *next as usize) {
                    if part[next] == u32::MAX {
                        part[next] = count;
                        open.push(next);
                    }
                }
            }
            count += 1;
        }
        part
    }

    /// An order of the areas that brings neighbours near each other: reverse Cuthill-McKee, each part from an end of a longest path that two
    /// sweeps find. Source: Cuthill and McKee 1969; George and Liu, *Computer Solution of Large Sparse Positive Definite Systems* (1981), chapter 4.
    #[must_use]
    pub fn band_order(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.areas());
        let mut seen = vec![false; self.areas()];
        for start in 0..self.areas() {
            if seen[start] {
                continue;
            }
            let mut end = start;
            for _ in 0..3 {
                end = self.sweep(end, &mut seen.clone()).last().map_or(end, |area| *area as usize);
            }
            order.extend(self.sweep(end, &mut seen));
        }
        order.reverse();
        order
    }

    /// Areas of a part in the order of their distance from `start`, those of few neighbours first.
    fn sweep(&self, start: usize, seen: &mut [bool]) -> Vec<u32> {
        let mut order = vec![start as u32];
        seen[start] = true;
        let mut next = 0;
        while next < order.len() {
            let mut fresh: Vec<u32> = self.neighbours(order[next] as usize).to_vec();
            fresh.retain(|area| !seen[*area as usize]);
            fresh.sort_by_key(|area| (self.neighbours(*area as usize).len(), *area));
            fresh.iter().for_each(|area| seen[*area as usize] = true);
            order.extend(fresh);
            next += 1;
        }
        order
    }

    /// The same map with its areas in another order: area `order[i]` becomes area i.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        let mut place = vec![0_u32; self.areas()];
        order.iter().zip(0..).for_each(|(area, at)| place[*area as usize] = at);
        let pairs: Vec<(u32, u32)> = self.edges().map(|(a, b)| (place[a], place[b])).collect();
        Self::new(self.areas(), &pairs)
    }

    /// Largest distance of two neighbours in the order of the areas.
    #[must_use]
    pub fn band_width(&self) -> usize {
        self.edges().map(|(a, b)| a - b).max().unwrap_or(0)
    }

    /// `times` (D − A) + diag(`diagonal`), D the numbers of neighbours and A the map.
    #[must_use]
    pub fn precision(&self, times: f64, diagonal: &[f64]) -> Band {
        let mut band = Band::new(self.areas(), self.band_width());
        for (area, own) in diagonal.iter().enumerate() {
            band.add(area, area, times * self.neighbours(area).len() as f64 + own);
        }
        self.edges().for_each(|(a, b)| band.add(a, b, -times));
        band
    }

    /// The geometric mean of the marginal variances of the intrinsic autoregression with precision D − A and sum zero. Its precision times this number
    /// has variances of about 1, whatever the map, so that its variance can be compared with that of independent effects.
    ///
    /// With one area held at 0 the precision is regular and has inverse G; taking off the mean gives Vᵢᵢ = Gᵢᵢ − 2 (G1)ᵢ/n + 1'G1/n². Source:
    /// Sørbye and Rue, *Spatial Statistics* 8 (2014); Riebler et al., *Statistical Methods in Medical Research* 25 (2016).
    ///
    /// # Errors
    /// [`NotPositive`] where the map is not connected or has fewer than two areas.
    pub fn scale(&self) -> Result<f64, NotPositive> {
        let n = self.areas();
        if n < 2 || self.parts().iter().any(|part| *part != 0) {
            return Err(NotPositive);
        }
        // The last area is held at 0: a precision that its own row and column have left.
        let mut grounded = vec![0.0; n];
        let held = n - 1;
        grounded[held] = 1.0;
        let mut band = Band::new(n, self.band_width());
        for (area, own) in grounded.iter().enumerate() {
            let degree = if area == held { 0.0 } else { self.neighbours(area).len() as f64 };
            band.add(area, area, degree + own);
        }
        self.edges().filter(|(a, _)| *a != held).for_each(|(a, b)| band.add(a, b, -1.0));
        let factor: BandCholesky = band.factor()?;
        let inverse = factor.inverse();
        let mut sums: Vec<f64> = (0..n).map(|area| if area == held { 0.0 } else { 1.0 }).collect();
        factor.solve(&mut sums, 1);
        let total: f64 = sums.iter().sum();
        let size = n as f64;
        let logs = (0..n).map(|area| {
            let own = if area == held { 0.0 } else { inverse.get(area, area) };
            (own - 2.0 * sums[area] / size + total / (size * size)).ln()
        });
        Ok((logs.sum::<f64>() / size).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_edges() {
        let graph = Graph::new(5, &[(0, 1), (1, 0), (3, 4), (2, 2)]);
        assert_eq!(graph.parts(), [0, 0, 1, 2, 2]);
        assert_eq!(graph.edges().collect::<Vec<_>>(), [(1, 0), (4, 3)]);
        assert_eq!(graph.scale(), Err(NotPositive));
    }

    #[test]
    fn a_path_in_any_order_becomes_a_band_of_one() {
        let graph = Graph::new(6, &[(3, 0), (0, 5), (5, 1), (1, 4), (4, 2)]);
        let order = graph.band_order();
        assert_eq!(graph.reordered(&order).band_width(), 1);
        assert_eq!(graph.reordered(&order).edges().count(), 5);
    }

    #[test]
    fn scale_of_maps_worked_by_hand() {
        // Two areas: the pseudo-inverse of [[1, -1], [-1, 1]] is a quarter of itself.
        assert!((Graph::new(2, &[(0, 1)]).scale().expect("connected") - 0.25).abs() < 1e-14);
        // A path of three: eigenvalues 0, 1, 3 with vectors (1,0,-1)/√2 and (1,-2,1)/√6; variances 1/2 + 1/18, 4/18, 1/2 + 1/18.
        let hand = (5.0_f64 / 9.0 * (2.0 / 9.0) * (5.0 / 9.0)).cbrt();
        assert!((Graph::new(3, &[(0, 1), (1, 2)]).scale().expect("connected") - hand).abs() < 1e-14);
        // The place of the area that is held does not matter.
        assert!((Graph::new(3, &[(0, 2), (2, 1)]).scale().expect("connected") - hand).abs() < 1e-14);
    }
}
