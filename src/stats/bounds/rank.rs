//! Which counts are fixed by the equations alone, whatever their boxes: elimination modulo a prime.

use super::system::System;

/// Primes near 2³¹ and 2⁶¹: what both say is true of the rationals but for a chance of about 10⁻¹⁸.
const PRIMES: [u64; 2] = [(1 << 31) - 1, (1 << 61) - 1];

/// A row of the reduced matrix: counts in order, with their coefficients.
type Row = Vec<(u32, u64)>;

/// Counts that can move in their box and yet have one value in every solution of the equations: those in the span of what is known.
///
/// Only equations with whole coefficients count; others are left out, which can only lose a finding.
#[must_use]
pub fn determined(system: &System) -> Vec<u32> {
    let first = determined_modulo(system, PRIMES[0]);
    if first.is_empty() {
        return first;
    }
    let second = determined_modulo(system, PRIMES[1]);
    first.into_iter().filter(|count| second.binary_search(count).is_ok()).collect()
}

fn determined_modulo(system: &System, prime: u64) -> Vec<u32> {
    // Each pivot with its row, which has no other pivot in it.
    let mut reduced: Vec<Row> = vec![Row::new(); system.ranges.len()];
    // The rows in which a count stands that is no pivot.
    let mut standing: Vec<Vec<u32>> = vec![Vec::new(); system.ranges.len()];
    let mut spare = Row::new();
    for equation in 0..system.equations() as u32 {
        let terms = system.terms(equation);
        if terms.iter().any(|(_, factor)| factor.fract() != 0.0) {
            continue;
        }
        let open = terms.iter().filter(|(count, _)| system.is_open(*count));
        let mut row: Row = open.map(|(count, factor)| (*count, modulo(*factor, prime))).collect();
        row.sort_unstable_by_key(|(count, _)| *count);
        let pivots: Row = row.iter().copied().filter(|(count, _)| !reduced[*count as usize].is_empty()).collect();
        for (pivot, factor) in pivots {
            subtract(&mut row, &reduced[pivot as usize], factor, prime, &mut spare);
        }
        // The count that stands in fewest rows changes fewest of them.
        let fewest = row.iter().min_by_key(|(count, _)| (standing[*count as usize].len(), *count));
        let Some((pivot, factor)) = fewest.copied() else { continue };
        let inverse = power(factor, prime - 2, prime);
        row.iter_mut().for_each(|(_, own)| *own = times(*own, inverse, prime));
        for other in std::mem::take(&mut standing[pivot as usize]) {
            let target = &mut reduced[other as usize];
            let Ok(at) = target.binary_search_by_key(&pivot, |(count, _)| *count) else { continue };
            let factor = target[at].1;
            subtract(target, &row, factor, prime, &mut spare);
            for (count, _) in row.iter().filter(|(count, _)| *count != pivot) {
                standing[*count as usize].push(other);
            }
        }
        for (count, _) in row.iter().filter(|(count, _)| *count != pivot) {
            standing[*count as usize].push(pivot);
        }
        reduced[pivot as usize] = row;
    }
    (0..reduced.len() as u32).filter(|count| reduced[*count as usize].len() == 1).collect()
}

/// row − factor · other.
fn subtract(row: &mut Row, other: &Row, factor: u64, prime: u64, spare: &mut Row) {
    spare.clear();
    let (mut own, mut less) = (row.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        let next = match (own.peek().copied(), less.peek().copied()) {
            (Some(a), Some(b)) if a.0 == b.0 => {
                own.next();
                less.next();
                (a.0, (a.1 + prime - times(b.1, factor, prime)) % prime)
            }
            (Some(a), b) if b.is_none_or(|b| a.0 < b.0) => {
                own.next();
                a
            }
            (_, Some(b)) => {
                less.next();
                (b.0, (prime - times(b.1, factor, prime)) % prime)
            }
            (_, None) => break,
        };
        if next.1 != 0 {
            spare.push(next);
        }
    }
    std::mem::swap(row, spare);
}

fn modulo(factor: f64, prime: u64) -> u64 {
    let size = factor.abs() as u64 % prime;
    if factor < 0.0 && size > 0 { prime - size } else { size }
}

fn times(a: u64, b: u64, prime: u64) -> u64 {
    if prime < 1 << 32 { a * b % prime } else { (u128::from(a) * u128::from(b) % u128::from(prime)) as u64 }
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
