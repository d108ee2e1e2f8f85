//! Columns of a record batch, made from rows of any kind.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray},
    datatypes::SchemaRef,
};

use super::error::PublishError;

/// Text in every row.
pub(super) fn text<'r, T, S: AsRef<str>>(rows: &'r [T], cell: impl Fn(&'r T) -> S) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(cell)))
}

/// Text that may be missing.
pub(super) fn open_text<'r, T, S: AsRef<str>>(rows: &'r [T], cell: impl Fn(&'r T) -> Option<S>) -> ArrayRef {
    Arc::new(rows.iter().map(cell).collect::<StringArray>())
}

/// A small integer in every row.
pub(super) fn int32<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> i32) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(rows.iter().map(cell)))
}

/// A small integer that may be missing.
pub(super) fn open_int32<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> Option<i32>) -> ArrayRef {
    Arc::new(rows.iter().map(cell).collect::<Int32Array>())
}

/// An integer that may be missing.
pub(super) fn int64<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(cell).collect::<Int64Array>())
}

/// A number that may be missing.
pub(super) fn float64<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> Option<f64>) -> ArrayRef {
    Arc::new(rows.iter().map(cell).collect::<Float64Array>())
}

/// True or false in every row.
pub(super) fn boolean<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> bool) -> ArrayRef {
    Arc::new(rows.iter().map(|row| Some(cell(row))).collect::<BooleanArray>())
}

/// True or false, where it can be said.
pub(super) fn open_boolean<'r, T>(rows: &'r [T], cell: impl Fn(&'r T) -> Option<bool>) -> ArrayRef {
    Arc::new(rows.iter().map(cell).collect::<BooleanArray>())
}

/// The columns under their schema; a column of another type or a hole where none may be is an error.
pub(super) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>, path: &str) -> Result<RecordBatch, PublishError> {
    RecordBatch::try_new(schema, columns).map_err(|source| PublishError::Columns { path: path.to_owned(), source })
}
