//! Numbers and texts as bytes, in a form of our own that does not change with a library: little-endian, lengths before contents.

/// What stops reading bytes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not what was written: they end too early or hold a value that cannot be")]
pub struct Garbled;

/// Writes values one behind the other.
#[derive(Clone, Debug, Default)]
pub struct ByteWriter {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl ByteWriter {
    /// A byte.
    pub fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// A number without sign: seven bits per byte, the lowest first.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// A place in a list, or a length.
    pub fn index(&mut self, value: usize) {
        self.number(value as u64);
    }

    /// A small whole number with a sign.
    pub fn signed(&mut self, value: i32) {
        self.bytes.extend(value.to_le_bytes());
    }

    /// A double, bit by bit.
    pub fn double(&mut self, value: f64) {
        self.bytes.extend(value.to_bits().to_le_bytes());
    }

    /// A double that may be missing.
    pub fn open_double(&mut self, value: Option<f64>) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            self.double(value);
        }
    }

    /// A fixed-point sum: the number of its bytes, then sign and empty low bytes, then the bytes between.
    pub fn sum(&mut self, value: i128) {
        let size = value.unsigned_abs();
        if size == 0 {
            self.bytes.push(0);
            return;
        }
        let low = (size.trailing_zeros() / 8) as usize;
        let high = 16 - (size.leading_zeros() / 8) as usize;
        self.bytes.push((high - low) as u8);
        self.bytes.push(((low as u8) << 1) | u8::from(value < 0));
        self.bytes.extend(&size.to_le_bytes()[low..high]);
    }

    /// A text.
    pub fn text(&mut self, value: &str) {
        self.index(value.len());
        self.bytes.extend(value.as_bytes());
    }
}

/// Reads back what a [`ByteWriter`] wrote. Never takes more memory than a small multiple of the bytes that are there.
#[derive(Clone, Debug)]
pub struct ByteReader<'b> {
    rest: &'b [u8],
}

impl<'b> ByteReader<'b> {
    /// From the beginning.
    #[must_use]
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`Garbled`], as every getter.
    pub fn take(&mut self, size: usize) -> Result<&'b [u8], Garbled> {
        let (taken, rest) = self.rest.split_at_checked(size).ok_or(Garbled)?;
        self.rest = rest;
        Ok(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], Garbled> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Garbled)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A byte.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn byte(&mut self) -> Result<u8, Garbled> {
        self.chunk::<1>().map(|[byte]| byte)
    }

    /// A number without sign.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn number(&mut self) -> Result<u64, Garbled> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(Garbled);
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Garbled)
    }

    /// A number without sign that fits into 32 bits.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn small(&mut self) -> Result<u32, Garbled> {
        u32::try_from(self.number()?).map_err(|_| Garbled)
    }

    /// A place in a list.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn index(&mut self) -> Result<usize, Garbled> {
        usize::try_from(self.number()?).map_err(|_| Garbled)
    }

    /// The length of a list whose items take a byte each at least.
    ///
    /// # Errors
    /// [`Garbled`], also where fewer bytes are left.
    pub fn length(&mut self) -> Result<usize, Garbled> {
        let length = self.index()?;
        if length <= self.rest.len() { Ok(length) } else { Err(Garbled) }
    }

    /// A small whole number with a sign.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn signed(&mut self) -> Result<i32, Garbled> {
        self.chunk().map(i32::from_le_bytes)
    }

    /// A double.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn double(&mut self) -> Result<f64, Garbled> {
        self.chunk().map(|bytes| f64::from_bits(u64::from_le_bytes(bytes)))
    }

    /// A double that may be missing.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn open_double(&mut self) -> Result<Option<f64>, Garbled> {
        Ok(if self.byte()? == 0 { None } else { Some(self.double()?) })
    }

    /// A fixed-point sum.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn sum(&mut self) -> Result<i128, Garbled> {
        let size = usize::from(self.byte()?);
        if size == 0 {
            return Ok(0);
        }
        let about = self.byte()?;
        let low = usize::from(about >> 1);
        let mut bytes = [0; 16];
        bytes.get_mut(low..low + size).ok_or(Garbled)?.copy_from_slice(self.take(size)?);
        let value = i128::try_from(u128::from_le_bytes(bytes)).map_err(|_| Garbled)?;
        Ok(if about & 1 == 1 { -value } else { value })
    }

    /// A text.
    ///
    /// # Errors
    /// [`Garbled`].
    pub fn text(&mut self) -> Result<String, Garbled> {
        let length = self.length()?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| Garbled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let sums = [0, 1, -1, 255, 256, 1 << 60, -(1 << 60), i128::MAX, -i128::MAX, (1 << 100) + 1, 3 << 64];
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX];
        let mut writer = ByteWriter::default();
        sums.iter().for_each(|sum| writer.sum(*sum));
        numbers.iter().for_each(|number| writer.number(*number));
        writer.text("wijk Noord");
        writer.signed(-2022);
        writer.open_double(None);
        writer.open_double(Some(-0.1));
        let mut reader = ByteReader::new(&writer.bytes);
        assert!(sums.iter().all(|sum| reader.sum() == Ok(*sum)));
        assert!(numbers.iter().all(|number| reader.number() == Ok(*number)));
        assert_eq!(reader.text().as_deref(), Ok("wijk Noord"));
        assert_eq!(
            (reader.signed(), reader.open_double(), reader.open_double()),
            (Ok(-2022), Ok(None), Ok(Some(-0.1)))
        );
        assert!(reader.is_empty());
    }

    #[test]
    fn what_cannot_be_is_refused_without_taking_memory() {
        // A text of 2^63 bytes, a sum of 17 bytes, a number of 70 bits, and an early end.
        for bytes in [
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..],
            &[17, 0, 1, 2, 3],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            &[],
        ] {
            let reader = ByteReader::new(bytes);
            assert_eq!(reader.clone().text(), Err(Garbled));
            assert_eq!(reader.clone().double().and(Err::<(), _>(Garbled)), Err(Garbled));
        }
        assert_eq!(ByteReader::new(&[17, 0, 1, 2, 3]).sum(), Err(Garbled));
        assert_eq!(ByteReader::new(&[16, 2, 1]).sum(), Err(Garbled));
        assert_eq!(ByteReader::new(&[0xff; 10]).number(), Err(Garbled));
    }
}
