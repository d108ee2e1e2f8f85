//! One line of a `;`-separated file, built field by field without allocation.

use std::io::Write;

use crate::answers::Code;

/// A line under construction.
#[derive(Default)]
pub struct Record(Vec<u8>);

impl Record {
    /// A field with an answer code; a question that was not put becomes an empty field.
    pub fn code(&mut self, code: Code) {
        match code {
            Some(code) => self.number(u64::from(code)),
            None => self.0.push(b';'),
        }
    }

    /// A field with a whole number.
    pub fn number(&mut self, number: u64) {
        if number < 10 {
            self.0.push(b'0' + number as u8);
        } else {
            self.digits(number);
        }
        self.0.push(b';');
    }

    /// A field with text. Text with a separator or a quote does not occur.
    pub fn text(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b';');
    }

    /// A field with `value / 10^decimals`, with a decimal comma and without trailing zeros.
    pub fn decimal(&mut self, value: u64, decimals: u32) {
        let unit = 10u64.pow(decimals);
        self.digits(value / unit);
        let mut rest = value % unit;
        if rest > 0 {
            self.0.push(b',');
            let mut place = unit / 10;
            while rest > 0 {
                self.0.push(b'0' + (rest / place) as u8);
                rest %= place;
                place /= 10;
            }
        }
        self.0.push(b';');
    }

    /// Ends the line as Windows does and hands it out; call `clear` before the next one.
    pub fn finish(&mut self) -> &[u8] {
        // Every field ends in a separator; the last one of a line does not.
        self.0.pop();
        self.0.extend_from_slice(b"\r\n");
        &self.0
    }

    /// Starts a new line in the same memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn digits(&mut self, number: u64) {
        // Writing into memory cannot fail.
        let _ = write!(self.0, "{number}");
    }
}
