//! Moments as bytes and back. An empty cell takes one byte.

use super::bytes::{ByteReader, ByteWriter, Garbled};
use super::cell::{MeanCell, ShareCell};
use super::moments::{Cells, Cluster, Frame, Moments, Stratum, Table, Unit};
use crate::vocab::Level;

/// What a cell of a 0/1 indicator holds.
mod share {
    pub(super) const NO: u8 = 1;
    pub(super) const YES: u8 = 2;
    pub(super) const UNKNOWN: u8 = 4;
    pub(super) const NOT_APPLICABLE: u8 = 8;
    pub(super) const WEIGHTLESS: u8 = 16;
}

/// What a cell of a numeric indicator holds.
mod mean {
    pub(super) const VALUES: u8 = 1;
    pub(super) const UNKNOWN: u8 = 2;
    pub(super) const WEIGHTLESS: u8 = 4;
}

impl Moments {
    /// The moments as bytes.
    pub fn write(&self, to: &mut ByteWriter) {
        to.index(self.strata.len());
        for (strata, clusters) in self.strata.iter().zip(&self.clusters) {
            to.index(strata.len());
            for stratum in strata {
                to.index(stratum.source);
                to.signed(stratum.year);
                to.text(&stratum.name);
                to.number(stratum.rows);
                to.number(stratum.clusters);
                to.open_double(stratum.population);
            }
            to.index(clusters.len());
            for cluster in clusters {
                to.number(cluster.stratum.into());
                to.text(&cluster.name);
                to.number(cluster.rows);
                to.open_double(cluster.population);
            }
        }
        to.index(self.frames.len());
        for frame in &self.frames {
            to.index(frame.weight_set);
            to.byte(Level::ALL.iter().position(|level| *level == frame.level).unwrap_or_default() as u8);
            to.index(frame.units.len());
            for unit in &frame.units {
                [unit.series, unit.region, unit.stratum, unit.cluster]
                    .iter()
                    .for_each(|part| to.number((*part).into()));
            }
        }
        to.index(self.tables.len());
        for table in &self.tables {
            to.index(table.frame);
            to.index(table.categories);
            to.signed(table.exponent);
            to.byte(u8::from(table.numeric()));
            match &table.cells {
                Cells::Share(cells) => {
                    to.index(cells.len());
                    cells.iter().for_each(|cell| write_share(cell, to));
                }
                Cells::Mean(cells) => {
                    to.index(cells.len());
                    cells.iter().for_each(|cell| write_mean(cell, to));
                }
            }
        }
        to.index(self.rows.len());
        self.rows.iter().for_each(|rows| to.number(*rows));
        self.outside.iter().flatten().for_each(|rows| to.number(*rows));
    }

    /// Moments from bytes.
    ///
    /// # Errors
    /// [`Garbled`] where the bytes are not those of moments that hang together.
    pub fn read(from: &mut ByteReader<'_>) -> Result<Self, Garbled> {
        let sets = from.length()?;
        let (mut strata, mut clusters) = (Vec::with_capacity(sets), Vec::with_capacity(sets));
        for _ in 0..sets {
            strata.push(list(from, read_stratum)?);
            clusters.push(list(from, read_cluster)?);
        }
        let frames = list(from, |from| {
            let weight_set = from.index()?;
            let level = *Level::ALL.get(usize::from(from.byte()?)).ok_or(Garbled)?;
            let units = list(from, |from| {
                Ok(Unit {
                    series: from.small()?,
                    region: from.small()?,
                    stratum: from.small()?,
                    cluster: from.small()?,
                })
            })?;
            Ok(Frame { weight_set, level, units })
        })?;
        let tables = list(from, |from| {
            let (frame, categories, exponent) = (from.index()?, from.index()?, from.signed()?);
            let cells = match from.byte()? {
                0 => Cells::Share(list(from, read_share)?),
                1 => Cells::Mean(list(from, read_mean)?),
                _ => return Err(Garbled),
            };
            Ok(Table { frame, categories, exponent, cells })
        })?;
        let rows = list(from, |from| from.number())?;
        let outside = (0..sets).map(|_| rows.iter().map(|_| from.number()).collect()).collect::<Result<_, _>>()?;
        let moments = Self { strata, clusters, frames, tables, rows, outside };
        if moments.hangs_together() { Ok(moments) } else { Err(Garbled) }
    }

    /// Whether every index leads somewhere, every list is in its order and every table has its cells.
    fn hangs_together(&self) -> bool {
        let sources = self.rows.len();
        let sorted = |list: &[Stratum]| {
            list.is_sorted_by(|a, b| (a.source, a.year, &a.name) < (b.source, b.year, &b.name))
                && list.iter().all(|stratum| stratum.source < sources)
        };
        let designs = self.strata.iter().zip(&self.clusters).all(|(strata, clusters)| {
            sorted(strata)
                && clusters.is_sorted_by(|a, b| (a.stratum, &a.name) < (b.stratum, &b.name))
                && clusters.iter().all(|cluster| (cluster.stratum as usize) < strata.len())
        });
        let frames = self.frames.iter().all(|frame| {
            let Some(strata) = self.strata.get(frame.weight_set) else { return false };
            let clusters = &self.clusters[frame.weight_set];
            let known = |unit: &Unit| {
                (unit.stratum as usize) < strata.len()
                    && (unit.cluster == 0 || (unit.cluster as usize) < clusters.len())
            };
            frame.units.is_sorted_by(|a, b| a < b) && frame.units.iter().all(known)
        });
        let tables = self.tables.iter().all(|table| {
            let cells = match &table.cells {
                Cells::Share(cells) => cells.len(),
                Cells::Mean(cells) => cells.len(),
            };
            let units = self.frames.get(table.frame).map(|frame| frame.units.len());
            units.and_then(|units| units.checked_mul(table.categories)) == Some(cells)
        });
        designs && frames && tables
    }
}

fn list<T>(
    from: &mut ByteReader<'_>,
    mut item: impl FnMut(&mut ByteReader<'_>) -> Result<T, Garbled>,
) -> Result<Vec<T>, Garbled> {
    let length = from.length()?;
    (0..length).map(|_| item(from)).collect()
}

fn read_stratum(from: &mut ByteReader<'_>) -> Result<Stratum, Garbled> {
    Ok(Stratum {
        source: from.index()?,
        year: from.signed()?,
        name: from.text()?,
        rows: from.number()?,
        clusters: from.number()?,
        population: from.open_double()?,
    })
}

fn read_cluster(from: &mut ByteReader<'_>) -> Result<Cluster, Garbled> {
    Ok(Cluster { stratum: from.small()?, name: from.text()?, rows: from.number()?, population: from.open_double()? })
}

/// The largest weights: the second one only where two answers are there.
fn write_top(top: [f64; 2], answers: u64, to: &mut ByteWriter) {
    to.double(top[0]);
    if answers > 1 {
        to.double(top[1]);
    }
}

fn read_top(answers: u64, from: &mut ByteReader<'_>) -> Result<[f64; 2], Garbled> {
    let first = from.double()?;
    let second = if answers > 1 { from.double()? } else { 0.0 };
    let sound = first.is_finite() && second >= 0.0 && first >= second;
    if sound { Ok([first, second]) } else { Err(Garbled) }
}

fn write_share(cell: &ShareCell, to: &mut ByteWriter) {
    let holds = |bit: u8, there: bool| if there { bit } else { 0 };
    let answers = u64::from(cell.n[0]) + u64::from(cell.n[1]);
    to.byte(
        holds(share::NO, cell.n[0] > 0)
            | holds(share::YES, cell.n[1] > 0)
            | holds(share::UNKNOWN, cell.unknown > 0)
            | holds(share::NOT_APPLICABLE, cell.not_applicable > 0)
            | holds(share::WEIGHTLESS, cell.weightless != [0, 0]),
    );
    for yes in [0, 1] {
        if cell.n[yes] > 0 {
            to.number(cell.n[yes].into());
            to.sum(cell.w[yes]);
            to.sum(cell.w2[yes]);
        }
    }
    if answers > 0 {
        write_top(cell.top, answers, to);
    }
    if cell.unknown > 0 {
        to.number(cell.unknown.into());
    }
    if cell.not_applicable > 0 {
        to.number(cell.not_applicable.into());
    }
    if cell.weightless != [0, 0] {
        cell.weightless.iter().for_each(|count| to.number((*count).into()));
    }
}

fn read_share(from: &mut ByteReader<'_>) -> Result<ShareCell, Garbled> {
    let mut cell = ShareCell::default();
    let holds = from.byte()?;
    if holds >= 32 {
        return Err(Garbled);
    }
    for (yes, bit) in [(0, share::NO), (1, share::YES)] {
        if holds & bit != 0 {
            cell.n[yes] = from.small()?;
            cell.w[yes] = from.sum()?;
            cell.w2[yes] = from.sum()?;
        }
    }
    if holds & (share::NO | share::YES) != 0 {
        cell.top = read_top(u64::from(cell.n[0]) + u64::from(cell.n[1]), from)?;
    }
    if holds & share::UNKNOWN != 0 {
        cell.unknown = from.small()?;
    }
    if holds & share::NOT_APPLICABLE != 0 {
        cell.not_applicable = from.small()?;
    }
    if holds & share::WEIGHTLESS != 0 {
        cell.weightless = [from.small()?, from.small()?];
    }
    let possible = (0..2).all(|yes| cell.weightless[yes] <= cell.n[yes] && cell.w[yes] >= 0 && cell.w2[yes] >= 0);
    if possible { Ok(cell) } else { Err(Garbled) }
}

fn write_mean(cell: &MeanCell, to: &mut ByteWriter) {
    let holds = |bit: u8, there: bool| if there { bit } else { 0 };
    to.byte(
        holds(mean::VALUES, cell.n > 0)
            | holds(mean::UNKNOWN, cell.unknown > 0)
            | holds(mean::WEIGHTLESS, cell.weightless > 0),
    );
    if cell.n > 0 {
        to.number(cell.n.into());
        [cell.w, cell.w2, cell.wy, cell.wyy, cell.w2y, cell.w2yy].iter().for_each(|sum| to.sum(*sum));
        write_top(cell.top, cell.n.into(), to);
    }
    if cell.unknown > 0 {
        to.number(cell.unknown.into());
    }
    if cell.weightless > 0 {
        to.number(cell.weightless.into());
    }
}

fn read_mean(from: &mut ByteReader<'_>) -> Result<MeanCell, Garbled> {
    let mut cell = MeanCell::default();
    let holds = from.byte()?;
    if holds >= 8 {
        return Err(Garbled);
    }
    if holds & mean::VALUES != 0 {
        cell.n = from.small()?;
        for sum in [&mut cell.w, &mut cell.w2, &mut cell.wy, &mut cell.wyy, &mut cell.w2y, &mut cell.w2yy] {
            *sum = from.sum()?;
        }
        cell.top = read_top(cell.n.into(), from)?;
    }
    if holds & mean::UNKNOWN != 0 {
        cell.unknown = from.small()?;
    }
    if holds & mean::WEIGHTLESS != 0 {
        cell.weightless = from.small()?;
    }
    let possible = cell.weightless <= cell.n && cell.w >= 0 && cell.w2 >= 0 && cell.wyy >= 0 && cell.w2yy >= 0;
    if possible { Ok(cell) } else { Err(Garbled) }
}
