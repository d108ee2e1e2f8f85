//! The deliberately dirty respondents' file: every fault once or twice on a known row, and oddities that are allowed.

use std::error::Error;

use crate::dice::Dice;
use crate::land::Land;
use crate::monitor;

/// Respondents in the file.
const ROWS: usize = 400;

/// A value that must be rejected: row as a text editor counts (the header is row 1), column, value, reject code.
const FAULTS: [(usize, &str, &str, &str); 13] = [
    (12, "ewGGD", "veel", "not-a-number"),
    (26, "ewCBSGGD", "1,2,3", "not-a-number"),
    (40, "ewGGD", "-3,5", "negative-weight"),
    (55, "ewCBSGGD", "-0,01", "negative-weight"),
    (61, "AGGSA202", "7", "unknown-category"),
    (75, "LeeftijdSub", "oud", "unknown-category"),
    (90, "Gemeentecode", "8888", "unknown-region"),
    (118, "Wijkcode", "77", "unknown-region"),
    (150, "respondentnummer", DUPLICATE, "duplicate-id"),
    (181, "GGADB205", "7", "unknown-code"),
    (195, "GGEEB203", "ja", "unknown-code"),
    (210, "GGEES209", "5", "unknown-code"),
    (225, "MCMZGS204", "3", "unknown-code"),
];

/// Stands for the number of the respondent on the row before.
const DUPLICATE: &str = "<row before>";

/// Values that look odd and are allowed: row, column, value.
const ODDITIES: [(usize, &str, &str); 15] = [
    (302, "GGADB201", "#NULL!"),
    (302, "GGEEB201", "#NULL!"),
    (302, "MMOWA201", "#NULL!"),
    (304, "GGADB202", "NA"),
    (304, "GGSTB201", "NA"),
    (306, "GGADB203", "."),
    (306, "KLGGA208", "."),
    (308, "AGGSA202", "01"),
    (308, "LeeftijdSub", "3.0"),
    (310, "KLGGA208", "\"1\""),
    (310, "Wijkcode", "\"\""),
    (312, "ewGGD", ""),
    (312, "ewCBSGGD", ""),
    (314, "Gemeentecode", "<GM code>"),
    (316, "Wijkcode", "<WK code>"),
];

/// The row on which every field has blanks around it.
const PADDED_ROW: usize = 300;

/// Makes the file and the list of the rejects that reading it must give.
pub fn make(land: &Land, dice: &mut Dice) -> Result<(String, String), Box<dyn Error>> {
    let mut clean = Vec::new();
    monitor::write(&mut clean, land, ROWS, monitor::Filling::Chance(0), dice)?;
    let clean = String::from_utf8(clean)?;
    let mut rows: Vec<Vec<String>> = clean.lines().map(|line| line.split(';').map(String::from).collect()).collect();
    let names = monitor::header(0);

    let mut expected = String::from("row;column;code\n");
    for (row, column, value, code) in FAULTS {
        let value = if value == DUPLICATE { rows[row - 2][0].clone() } else { value.into() };
        set(&mut rows, &names, row, column, value)?;
        expected += &format!("{row};{column};{code}\n");
        if column == "Gemeentecode" {
            // A wijk of a gemeente that does not exist would be a second fault.
            set(&mut rows, &names, row, "Wijkcode", String::new())?;
        }
    }
    for (row, column, value) in ODDITIES {
        let gemeente = rows[row - 1][position(&names, "Gemeentecode")?].clone();
        let value = match value {
            "<GM code>" => format!("GM{gemeente}"),
            "<WK code>" => format!("WK{gemeente}{}", first_wijk(land, &gemeente)?),
            plain => plain.into(),
        };
        set(&mut rows, &names, row, column, value)?;
    }
    rows[PADDED_ROW - 1].iter_mut().for_each(|field| *field = format!(" {field}  "));

    // The header: other case, and blanks behind the name.
    for (column, written) in
        [("respondentnummer", "Respondentnummer"), ("Gemeentecode", "GEMEENTECODE  "), ("ewGGD", "ewggd ")]
    {
        let byte_order_mark = if column == names[0] { monitor::BYTE_ORDER_MARK } else { "" };
        set(&mut rows, &names, 1, column, format!("{byte_order_mark}{written}"))?;
    }
    let dirty = rows.iter().map(|row| row.join(";") + "\r\n").collect();
    Ok((dirty, expected))
}

fn set(
    rows: &mut [Vec<String>],
    names: &[String],
    row: usize,
    column: &str,
    value: String,
) -> Result<(), Box<dyn Error>> {
    let column = position(names, column)?;
    let field = rows.get_mut(row - 1).and_then(|row| row.get_mut(column));
    *field.ok_or_else(|| format!("the dirty file has no row {row}"))? = value;
    Ok(())
}

fn position(names: &[String], column: &str) -> Result<usize, Box<dyn Error>> {
    let found = names.iter().position(|name| name == column);
    found.ok_or_else(|| format!("the respondents' file has no column {column}").into())
}

/// The first wijk of a gemeente that is given by its digits.
fn first_wijk<'a>(land: &'a Land, gemeente: &str) -> Result<&'a str, Box<dyn Error>> {
    let found = land.gemeenten.iter().find(|candidate| candidate.number.to_string() == gemeente);
    let wijk = found.and_then(|gemeente| gemeente.wijken.first());
    Ok(&wijk.ok_or_else(|| format!("no gemeente {gemeente} with a wijk"))?.suffix)
}
