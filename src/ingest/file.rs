//! Files as bytes: plain, gzip, or a zip of one CSV; read once, in blocks of whole records.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::vocab::hex;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The operating system says no.
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    /// The zip is damaged.
    #[error("cannot read the zip: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The zip holds several files, or none.
    #[error("the zip holds {0} files; it must hold one CSV")]
    ZipMembers(usize),
    /// No end of record within [`RECORD_MAX`].
    #[error("no end of line within {} MB: a quote is opened and not closed, or this is no CSV", RECORD_MAX >> 20)]
    EndlessRecord,
    /// A file that is read as a whole has more than [`WHOLE_MAX`] bytes, unpacked.
    #[error("the file has more than {} GB, unpacked", WHOLE_MAX >> 30)]
    Large,
    /// The file changed while it was read.
    #[error("the file changed while it was read")]
    Changed,
}

/// Longest record; a longer one means broken quoting.
pub const RECORD_MAX: usize = 16 << 20;

/// Most bytes of a file that is read as a whole: a packed one may unpack to any size.
pub const WHOLE_MAX: u64 = 2 << 30;

/// Size and hash of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputHash {
    /// Bytes on disk.
    pub bytes: u64,
    /// SHA-256 of the bytes on disk, in hexadecimal.
    pub sha256: String,
}

/// Hashes a file as it lies on disk.
///
/// # Errors
/// [`FileFault::Io`] where it cannot be read.
pub fn hash_file(path: &Path) -> Result<InputHash, FileFault> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(InputHash { bytes, sha256: hex(hasher.finalize()) })
}

/// Blocks of whole records.
pub struct BlockReader<'r> {
    reader: &'r mut (dyn Read + Send),
    carry: Vec<u8>,
    ended: bool,
    size: usize,
}

impl BlockReader<'_> {
    /// Whether the file begins with these bytes; they stay to be read.
    ///
    /// # Errors
    /// [`FileFault::Io`] where reading fails.
    pub(super) fn starts_with(&mut self, bytes: &[u8]) -> Result<bool, FileFault> {
        while !self.ended && self.carry.len() < bytes.len() {
            let start = self.carry.len();
            self.carry.resize(bytes.len(), 0);
            let read = self.reader.read(&mut self.carry[start..])?;
            self.carry.truncate(start + read);
            self.ended = read == 0;
        }
        Ok(self.carry.starts_with(bytes))
    }

    /// Everything that is left, whether or not it has records.
    ///
    /// # Errors
    /// [`FileFault::Io`] where reading fails, [`FileFault::Large`].
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, FileFault> {
        let mut bytes = std::mem::take(&mut self.carry);
        (&mut *self.reader).take(WHOLE_MAX + 1).read_to_end(&mut bytes)?;
        self.ended = true;
        if bytes.len() as u64 > WHOLE_MAX { Err(FileFault::Large) } else { Ok(bytes) }
    }

    /// The next block, ending behind the end of a record, or `None` at the end of the file.
    ///
    /// A line break inside quotes does not end a record: up to the cut the number of quotes is even.
    ///
    /// # Errors
    /// [`FileFault`] where reading fails or a record does not end.
    pub fn next_block(&mut self) -> Result<Option<Vec<u8>>, FileFault> {
        let mut wanted = self.size;
        loop {
            while !self.ended && self.carry.len() < wanted {
                let start = self.carry.len();
                self.carry.resize(wanted, 0);
                let read = self.reader.read(&mut self.carry[start..])?;
                self.carry.truncate(start + read);
                self.ended = read == 0;
            }
            if self.ended {
                let last = std::mem::take(&mut self.carry);
                return Ok((!last.is_empty()).then_some(last));
            }
            if let Some(cut) = last_record_end(&self.carry) {
                let rest = self.carry.split_off(cut);
                return Ok(Some(std::mem::replace(&mut self.carry, rest)));
            }
            if wanted >= RECORD_MAX {
                return Err(FileFault::EndlessRecord);
            }
            wanted *= 2;
        }
    }
}

/// The place behind the last line break that has an even number of quotes before it.
fn last_record_end(bytes: &[u8]) -> Option<usize> {
    let mut end = memchr::memrchr(b'\n', bytes)?;
    let mut quotes = memchr::memchr_iter(b'"', &bytes[..end]).count();
    while quotes % 2 == 1 {
        let earlier = memchr::memrchr(b'\n', &bytes[..end])?;
        quotes -= memchr::memchr_iter(b'"', &bytes[earlier..end]).count();
        end = earlier;
    }
    // Empty lines go to the next block: only there is it known whether they end the file.
    let record = bytes[..end].iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |last| last + 1);
    let end = record + memchr::memchr(b'\n', &bytes[record..])?;
    (record > 0).then_some(end + 1)
}

/// Opens a file and hands its blocks to `work`.
///
/// # Errors
/// [`FileFault`], also where the file's size or time of change differ after reading: then what was read is no one file.
pub fn with_blocks<T>(
    path: &Path,
    block_size: usize,
    work: impl FnOnce(&mut BlockReader<'_>) -> T,
) -> Result<T, FileFault> {
    let before = file_stamp(path)?;
    let name = path.to_string_lossy().to_ascii_lowercase();
    let blocks = |reader: &mut (dyn Read + Send)| {
        let mut blocks = BlockReader { reader, carry: Vec::new(), ended: false, size: block_size.max(1 << 12) };
        work(&mut blocks)
    };
    let file = File::open(path)?;
    let result = if name.ends_with(".gz") {
        blocks(&mut flate2::read::MultiGzDecoder::new(file))
    } else if name.ends_with(".zip") {
        let mut archive = zip::ZipArchive::new(file)?;
        let members: Vec<usize> = (0..archive.len())
            .filter(|index| {
                archive
                    .by_index_raw(*index)
                    .is_ok_and(|member| member.is_file() && !member.name().is_ok_and(|name| is_resource(&name)))
            })
            .collect();
        let &[member] = members.as_slice() else { return Err(FileFault::ZipMembers(members.len())) };
        blocks(&mut archive.by_index(member)?)
    } else {
        let mut file = file;
        blocks(&mut file)
    };
    if file_stamp(path)? != before {
        return Err(FileFault::Changed);
    }
    Ok(result)
}

/// macOS packs a shadow of every file.
fn is_resource(name: &str) -> bool {
    name.starts_with("__MACOSX/")
}

/// Whether a file as it lies on disk begins with these bytes.
///
/// # Errors
/// [`FileFault::Io`] where it cannot be read.
pub(super) fn starts_with(path: &Path, bytes: &[u8]) -> Result<bool, FileFault> {
    let mut start = Vec::with_capacity(bytes.len());
    File::open(path)?.take(bytes.len() as u64).read_to_end(&mut start)?;
    Ok(start == bytes)
}

/// Size and time of change of a file.
pub type FileStamp = (u64, Option<std::time::SystemTime>);

/// Size and time of change of a file now.
///
/// # Errors
/// [`FileFault::Io`] where the file is gone.
pub fn file_stamp(path: &Path) -> Result<FileStamp, FileFault> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// When the content of a file changed last, in seconds since 1970; `None` where the system does not tell.
#[must_use]
pub fn modified(path: &Path) -> Option<i64> {
    let when = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = when.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// Everything by which the system tells that a file is the one that it was: size, time of change, time of the last change of its entry, number and
/// device. Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullStamp([u64; 5]);

impl FullStamp {
    /// Of its parts.
    #[must_use]
    pub const fn of(parts: [u64; 5]) -> Self {
        Self(parts)
    }

    /// Its parts.
    #[must_use]
    pub const fn parts(&self) -> [u64; 5] {
        self.0
    }

    /// When the file or its entry changed last, in seconds since 1970.
    #[must_use]
    pub fn changed(&self) -> i64 {
        i64::try_from(self.0[1].max(self.0[2]) / 1_000_000_000).unwrap_or(i64::MAX)
    }
}

/// The stamp of a file now; `None` where the system does not tell enough to rely on, or its clock stands before 1970.
///
/// # Errors
/// [`FileFault::Io`] where the file is gone.
#[cfg(unix)]
pub fn full_stamp(path: &Path) -> Result<Option<FullStamp>, FileFault> {
    use std::os::unix::fs::MetadataExt;
    let data = std::fs::metadata(path)?;
    let moment = |seconds: i64, nanoseconds: i64| {
        let seconds = u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?;
        seconds.checked_add(u64::try_from(nanoseconds).ok()?)
    };
    let (written, entry) = (moment(data.mtime(), data.mtime_nsec()), moment(data.ctime(), data.ctime_nsec()));
    Ok(written.zip(entry).map(|(written, entry)| FullStamp([data.len(), written, entry, data.ino(), data.dev()])))
}

/// Elsewhere files are hashed every time.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn full_stamp(_path: &Path) -> Result<Option<FullStamp>, FileFault> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut source = text;
        let mut reader = BlockReader { reader: &mut source, carry: Vec::new(), ended: false, size };
        let mut found = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            found.push(block);
        }
        found
    }

    #[test]
    fn empty_lines_at_the_end_stand_alone_in_the_last_block() {
        for ends in 1..12 {
            let text = [b"a;b\n1;2".as_slice(), "\r\n".repeat(ends).as_bytes()].concat();
            for size in 1..30 {
                let found = blocks(&text, size);
                assert_eq!(found.concat(), text);
                for block in &found[..found.len() - 1] {
                    assert!(!block.starts_with(b"\r") && !block.ends_with(b"\n\r\n"), "{size} {ends}");
                }
            }
        }
    }

    #[test]
    fn blocks_end_behind_records_and_lose_nothing() {
        let text = b"a;b\n1;\"x\ny\"\n2;z\n3;\"\"\"q\n\"\n4;last";
        for size in 1..40 {
            let found = blocks(text, size);
            assert_eq!(found.concat(), text);
            for block in &found[..found.len() - 1] {
                assert_eq!(block.last(), Some(&b'\n'));
                assert_eq!(block.iter().filter(|b| **b == b'"').count() % 2, 0);
            }
        }
    }
}
