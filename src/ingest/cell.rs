//! One cell of a published table → [`CellValue`].

use super::RejectCode;
use super::decode::{DecimalMark, is_missing, trim};
use super::published::{MeasurePlan, Numbers};
use crate::vocab::Shape;

/// What a cell of a table says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CellValue {
    /// A number.
    Number(f64),
    /// Withheld, unknown or unreliable, by the source's own mark.
    Withheld,
    /// Not measured, in a shape that has a mark for withheld.
    NotMeasured,
    /// Empty, in a shape that does not say why.
    Empty,
    /// The table has no row for it.
    #[default]
    Absent,
}

impl CellValue {
    /// The number, if there is one.
    #[must_use]
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Withheld | Self::NotMeasured | Self::Empty | Self::Absent => None,
        }
    }
}

/// What a cell says, as a share, a count or whatever the parameter's unit is.
pub(super) fn read_cell(text: &str, measure: &MeasurePlan, shape: Shape) -> Result<CellValue, RejectCode> {
    let text = trim(text);
    if text == "." {
        return Ok(CellValue::Withheld);
    }
    if is_missing(text) {
        return Ok(if shape.keeps_apart() { CellValue::NotMeasured } else { CellValue::Empty });
    }
    let shift = if measure.per_cent { 2 } else { 0 };
    // Moving the point in the text gives the double nearest to the share; dividing the number would round twice.
    let number = match decimal(text, measure.mark, shift) {
        Some(number) => number,
        None if measure.per_cent => measure.mark.parse(&format!("{text}e-2")).ok_or(RejectCode::NotANumber)?,
        None => measure.mark.parse(text).ok_or(RejectCode::NotANumber)?,
    };
    if !measure.per_cent {
        possible(text, number, measure)?;
        return Ok(CellValue::Number(number * measure.multiply));
    }
    if (0.0..=1.0).contains(&number) { Ok(CellValue::Number(number)) } else { Err(RejectCode::OutOfRange) }
}

/// Whether a measure can have a number, in the notation of the file.
fn possible(text: &str, number: f64, measure: &MeasurePlan) -> Result<(), RejectCode> {
    let decimals = text.rsplit_once(['.', ',']).map_or("", |(_, decimals)| decimals);
    // A whole number may be written 12.0; 60.350 and 60.000 are numbers with a mark of thousands.
    let whole = decimals.len() <= 1 && decimals.bytes().all(|digit| digit == b'0');
    match measure.numbers {
        Numbers::Any => Ok(()),
        _ if number < 0.0 => Err(RejectCode::OutOfRange),
        Numbers::Whole if !whole => Err(RejectCode::NotWhole),
        Numbers::Quantity if decimals.len() > 2 => Err(RejectCode::NotWhole),
        Numbers::Whole | Numbers::Quantity | Numbers::Positive => Ok(()),
    }
}

/// A short plain decimal number, its point moved `shift` places to the left; `None` where the text is anything else.
///
/// Digits and power of ten are both exact doubles, so the one division gives the nearest double, as parsing the moved text does.
fn decimal(text: &str, mark: DecimalMark, shift: i32) -> Option<f64> {
    let mark = match mark {
        DecimalMark::Point => b'.',
        DecimalMark::Comma => b',',
    };
    if text.len() > 15 || !text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (mut digits, mut decimals) = (0_u64, None);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + u64::from(byte - b'0');
                decimals = decimals.map(|places: i32| places + 1);
            }
            byte if byte == mark && decimals.is_none() => decimals = Some(0),
            _ => return None,
        }
    }
    Some(digits as f64 / 10_f64.powi(decimals.unwrap_or(0) + shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, mark: DecimalMark, per_cent: bool, shape: Shape) -> Result<CellValue, RejectCode> {
        let measure = MeasurePlan {
            field: 0,
            key: String::new(),
            mark,
            per_cent,
            multiply: 1000.0,
            category: None,
            numbers: Numbers::Any,
        };
        read_cell(text, &measure, shape)
    }

    #[test]
    fn per_cent_become_the_nearest_share() {
        let share = |text, mark| cell(text, mark, true, Shape::StatlineTyped);
        for (text, value) in [("6.8", 0.068), ("12", 0.12), ("0.1", 0.001), ("100", 1.0), ("0", 0.0), ("80.7", 0.807)] {
            assert_eq!(share(text, DecimalMark::Point), Ok(CellValue::Number(value)));
        }
        assert_eq!(share(" 6,8", DecimalMark::Comma), Ok(CellValue::Number(0.068)));
        assert_eq!(share("101", DecimalMark::Point), Err(RejectCode::OutOfRange));
        assert_eq!(share("x", DecimalMark::Point), Err(RejectCode::NotANumber));
        assert_eq!(cell("33,5", DecimalMark::Comma, false, Shape::Portal), Ok(CellValue::Number(33_500.0)));
    }

    #[test]
    fn short_decimals_are_the_doubles_of_the_parser() {
        for tenths in 0..=1000_u32 {
            for text in [format!("{}.{}", tenths / 10, tenths % 10), format!("{tenths}"), format!("0.{tenths:05}")] {
                let parsed: f64 = format!("{text}e-2").parse().unwrap();
                assert_eq!(decimal(&text, DecimalMark::Point, 2).map(f64::to_bits), Some(parsed.to_bits()), "{text}");
                assert_eq!(decimal(&text, DecimalMark::Point, 0), text.parse().ok(), "{text}");
            }
        }
        for text in ["-1", "1.", "", "1e3", "1,5", "1.2.3", "1 000"] {
            assert_eq!(decimal(text, DecimalMark::Point, 0), None, "{text}");
        }
    }

    #[test]
    fn a_mark_of_thousands_is_no_decimal_mark() {
        let read = |text, mark, numbers| {
            let key = String::new();
            let measure = MeasurePlan { field: 0, key, mark, per_cent: false, multiply: 1.0, category: None, numbers };
            read_cell(text, &measure, Shape::Plain)
        };
        let (point, comma) = (DecimalMark::Point, DecimalMark::Comma);
        for (text, mark) in [("60.350", point), ("60,350", comma), ("60.000", point), ("1.5", point)] {
            assert_eq!(read(text, mark, Numbers::Whole), Err(RejectCode::NotWhole), "{text}");
        }
        assert_eq!(read("12.0", point, Numbers::Whole), Ok(CellValue::Number(12.0)));
        assert_eq!(read("-3", point, Numbers::Whole), Err(RejectCode::OutOfRange));
        assert_eq!(read("60350,5", comma, Numbers::Quantity), Ok(CellValue::Number(60_350.5)));
        assert_eq!(read("60.350", point, Numbers::Quantity), Err(RejectCode::NotWhole));
        assert_eq!(read("-0.022", point, Numbers::Any), Ok(CellValue::Number(-0.022)));
    }

    #[test]
    fn withheld_and_not_measured_stay_apart_where_the_shape_can() {
        let empty = |text, shape| cell(text, DecimalMark::Point, true, shape).unwrap();
        assert_eq!(empty("       .", Shape::StatlineUntyped), CellValue::Withheld);
        assert_eq!(empty("", Shape::StatlineUntyped), CellValue::NotMeasured);
        assert_eq!(empty("", Shape::StatlineTyped), CellValue::Empty);
        assert_eq!(empty("NA", Shape::Plain), CellValue::Empty);
        assert_eq!(empty("       .", Shape::Plain), CellValue::Withheld);
    }
}
