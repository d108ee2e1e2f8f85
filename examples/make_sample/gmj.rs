//! A file in the shape of the monitor of pupils: `;`, decimal comma, CRLF, UTF-8 with a byte order mark.

use std::io::{self, Write};

use crate::answers::Code;
use crate::dice::Dice;
use crate::land::Land;
use crate::monitor::BYTE_ORDER_MARK;
use crate::pupil::{Class, Pupil, classes};
use crate::record::Record;

/// A line of the file: the class, the pupil, and the variables of the year with their codes.
type Row<'c> = (&'c Class, Pupil, Vec<(&'static str, Code)>);

/// Writes `rows` pupils of a year, class by class.
pub fn write(out: &mut impl Write, land: &Land, year: u16, rows: usize, dice: &mut Dice) -> io::Result<()> {
    let classes = classes(land, rows, dice);
    let mut pupils: Vec<Row<'_>> = Vec::with_capacity(rows);
    for class in &classes {
        for _ in 0..class.pupils {
            let pupil = Pupil::draw(land, class, dice);
            let answers = pupil.answers(year, dice);
            pupils.push((class, pupil, answers));
        }
    }
    let names = pupils.iter().take(1).flat_map(|(_, _, answers)| answers).map(|(name, _)| *name);
    let sex = if year == 2025 { "BBGSK4S1" } else { "GENDER" };
    let front = ["respondentnummer", "Onderzoeksjaar", "Gemeentecode", "SCHOOL_NUMMER", "KLAS_NUMMER"];
    let back = ["weegfactor_gemeente", "weegfactor_regio", sex, "MBOKK331", "MBOKK3S31"];
    let header: Vec<&str> = front.into_iter().chain(back).chain(names).collect();
    write!(out, "{BYTE_ORDER_MARK}{}\r\n", header.join(";"))?;

    let weights = weights(land, pupils.iter().map(|(_, pupil, _)| pupil));
    let mut record = Record::default();
    let first = u64::from(year) * 10_000 + 1;
    for (((class, pupil, answers), [own, region]), number) in pupils.iter().zip(weights).zip(first..) {
        record.clear();
        record.number(number);
        record.number(u64::from(year));
        record.number(land.gemeenten[pupil.gemeente].number as u64);
        record.number(class.school as u64);
        record.number(class.number as u64);
        record.decimal((own * 10_000.0).round() as u64, 4);
        record.decimal((region * 10_000.0).round() as u64, 4);
        [pupil.sex, pupil.year, pupil.education].iter().for_each(|&code| record.code(Some(code)));
        answers.iter().for_each(|&(_, code)| record.code(code));
        out.write_all(record.finish())?;
    }
    Ok(())
}

/// Weight within the gemeente and weight within the region of each pupil; each is 1 on average over what it is for.
///
/// Class and sex of a gemeente get their share, half each; who is neither boy nor girl, or unknown, stands for the class as a whole.
fn weights<'a>(land: &Land, pupils: impl Iterator<Item = &'a Pupil> + Clone) -> Vec<[f64; 2]> {
    let within = |a: &Pupil, b: &Pupil| a.gemeente == b.gemeente && a.year == b.year;
    let count = |keep: &dyn Fn(&Pupil) -> bool| pupils.clone().filter(|other| keep(other)).count() as f64;
    let raw: Vec<(usize, f64)> = pupils
        .clone()
        .map(|pupil| {
            let people = f64::from(land.gemeenten[pupil.gemeente].inhabitants());
            let found = if pupil.sex <= 2 {
                2.0 * count(&|other| within(other, pupil) && other.sex == pupil.sex)
            } else {
                count(&|other| within(other, pupil))
            };
            (pupil.gemeente, people / found)
        })
        .collect();
    let mean = |keep: &dyn Fn(usize) -> bool| {
        let kept: Vec<f64> = raw.iter().filter(|(gemeente, _)| keep(*gemeente)).map(|(_, weight)| *weight).collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    let of_gemeenten: Vec<f64> = (0..land.gemeenten.len()).map(|own| mean(&|gemeente| gemeente == own)).collect();
    let of_region = mean(&|_| true);
    raw.iter().map(|(gemeente, weight)| [weight / of_gemeenten[*gemeente], weight / of_region]).collect()
}
