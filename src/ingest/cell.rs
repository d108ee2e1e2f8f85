//! One cell of a published table → [`CellValue`].

use super::RejectCode;
use super::decode::{is_missing, trim};
use super::published::MeasurePlan;
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
    /// Empty, in a shape that does not say why; also a margin that the table does not have.
    #[default]
    Empty,
}

impl CellValue {
    /// The number, if there is one.
    #[must_use]
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Withheld | Self::NotMeasured | Self::Empty => None,
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
    if !measure.per_cent {
        let number = measure.mark.parse(text).ok_or(RejectCode::NotANumber)?;
        return Ok(CellValue::Number(number * measure.multiply));
    }
    // Moving the point in the text gives the double nearest to the share; dividing would round twice.
    let share = measure.mark.parse(&format!("{text}e-2")).ok_or(RejectCode::NotANumber)?;
    if (0.0..=1.0).contains(&share) { Ok(CellValue::Number(share)) } else { Err(RejectCode::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::DecimalMark;

    fn cell(text: &str, mark: DecimalMark, per_cent: bool, shape: Shape) -> Result<CellValue, RejectCode> {
        let measure = MeasurePlan { field: 0, key: String::new(), mark, per_cent, multiply: 1000.0 };
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
    fn withheld_and_not_measured_stay_apart_where_the_shape_can() {
        let empty = |text, shape| cell(text, DecimalMark::Point, true, shape).unwrap();
        assert_eq!(empty("       .", Shape::StatlineUntyped), CellValue::Withheld);
        assert_eq!(empty("", Shape::StatlineUntyped), CellValue::NotMeasured);
        assert_eq!(empty("", Shape::StatlineTyped), CellValue::Empty);
        assert_eq!(empty("NA", Shape::Plain), CellValue::Empty);
        assert_eq!(empty("       .", Shape::Plain), CellValue::Withheld);
    }
}
