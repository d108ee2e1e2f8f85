//! Which counts are fixed by the equations alone, whatever their boxes: elimination modulo a prime.

use std::collections::BTreeMap;

use super::system::System;

/// Primes near 2⁶¹ and 2³¹: what both say is true of the rationals but for a chance of about 10⁻¹⁸.
const PRIMES: [u64; 2] = [(1 << 61) - 1, (1 << 31) - 1];

/// A row of the reduced matrix: count and coefficient.
type Row = BTreeMap<u32, u64>;

/// Counts that can move in their box and yet have one value in every solution of the equations: those in the span of what is known.
///
/// Only equations with whole coefficients count; others are left out, which can only lose a finding.
#[must_use]
pub fn determined(system: &System) -> Vec<u32> {
    let [first, second] = PRIMES.map(|prime| determined_modulo(system, prime));
    first.into_iter().filter(|count| second.binary_search(count).is_ok()).collect()
}

fn determined_modulo(system: &System, prime: u64) -> Vec<u32> {
    // Each pivot with its row, which has no other pivot in it.
    let mut reduced: BTreeMap<u32, Row> = BTreeMap::new();
    // The rows in which a count stands that is no pivot.
    let mut standing: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for equation in 0..system.equations() as u32 {
        let terms = system.terms(equation);
        if terms.iter().any(|(_, factor)| factor.fract() != 0.0) {
            continue;
        }
        let mut row = Row::new();
        for (count, factor) in terms.iter().filter(|(count, _)| system.is_open(*count)) {
            row.insert(*count, modulo(*factor, prime));
        }
        let pivots: Vec<(u32, u64)> = row
            .iter()
            .filter(|(count, _)| reduced.contains_key(count))
            .map(|(count, factor)| (*count, *factor))
            .collect();
        for (pivot, factor) in pivots {
            subtract(&mut row, &reduced[&pivot], factor, prime);
        }
        let Some((pivot, factor)) = row.iter().next().map(|(count, factor)| (*count, *factor)) else { continue };
        let inverse = power(factor, prime - 2, prime);
        row.values_mut().for_each(|own| *own = times(*own, inverse, prime));
        for other in standing.remove(&pivot).unwrap_or_default() {
            let Some(target) = reduced.get_mut(&other) else { continue };
            let Some(factor) = target.get(&pivot).copied() else { continue };
            subtract(target, &row, factor, prime);
            for count in row.keys().filter(|count| **count != pivot) {
                standing.entry(*count).or_default().push(other);
            }
        }
        for count in row.keys().filter(|count| **count != pivot) {
            standing.entry(*count).or_default().push(pivot);
        }
        reduced.insert(pivot, row);
    }
    reduced.into_iter().filter(|(_, row)| row.len() == 1).map(|(pivot, _)| pivot).collect()
}

/// row − factor · other.
fn subtract(row: &mut Row, other: &Row, factor: u64, prime: u64) {
    for (count, own) in other {
        let less = times(*own, factor, prime);
        let entry = row.entry(*count).or_default();
        *entry = (*entry + prime - less) % prime;
        if *entry == 0 {
            row.remove(count);
        }
    }
}

fn modulo(factor: f64, prime: u64) -> u64 {
    let size = factor.abs() as u64 % prime;
    if factor < 0.0 && size > 0 { prime - size } else { size }
}

fn times(a: u64, b: u64, prime: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(prime)) as u64
}

fn power(base: u64, mut exponent: u64, prime: u64) -> u64 {
    let (mut base, mut found) = (base % prime, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            found = times(found, base, prime);
        }
        base = times(base, base, prime);
        exponent >>= 1;
    }
    found
}
