//! The language of instruments and parameters on small files of respondents, by hand and beside a slow twin.

mod language;
mod laws;
mod parameters;
mod survey;
