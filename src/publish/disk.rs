//! Every change of the file system that publishing makes, one function each, so that a test can make any of them fail.
//!
//! A test installs a [`watch`]er, which sees each operation before it is done and may refuse it, cut a write short or end the process.
//! Without one, which is how the program runs, an operation costs one look at an empty cell more than the call of the system.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What is about to be done to the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// A folder is made.
    CreateFolder,
    /// A file is opened for writing, and made if it is not there.
    Create,
    /// Mode bits are set.
    SetMode,
    /// Bytes are written.
    Write,
    /// A file is made durable.
    Flush,
    /// The names in a folder are made durable.
    FlushFolder,
    /// A file or folder gets another name.
    Rename,
    /// A symbolic link is made.
    Link,
    /// A file or link is removed.
    Remove,
    /// A folder is removed with what is in it.
    RemoveFolder,
    /// A lock is asked for.
    Lock,
    /// A file is opened to read back what was written.
    Read,
}

/// What a watcher wants to happen.
#[derive(Debug)]
pub enum Verdict {
    /// The operation is done.
    Go,
    /// The operation fails so and is not done.
    Fail(io::Error),
    /// Of a write only half is done, which a system may do at any time; other operations are done.
    Half,
}

/// Looks at an operation before it is done.
pub type Watcher = dyn Fn(Operation, &Path) -> Verdict + Send + Sync;

static WATCHER: OnceLock<Box<Watcher>> = OnceLock::new();

/// Installs the watcher of this process: once, and only in tests. `false` where one is installed already.
pub fn watch(watcher: Box<Watcher>) -> bool {
    WATCHER.set(watcher).is_ok()
}

/// Asks the watcher; whether only half of a write is to be done.
fn ask(operation: Operation, path: &Path) -> io::Result<bool> {
    match WATCHER.get() {
        None => Ok(false),
        Some(watcher) => match watcher(operation, path) {
            Verdict::Go => Ok(false),
            Verdict::Half => Ok(true),
            Verdict::Fail(error) => Err(error),
        },
    }
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Writing {
    file: File,
    path: PathBuf,
}

impl Writing {
    /// Makes the file durable and closes it: some file systems do not rename an open file.
    pub(super) fn close(self) -> io::Result<()> {
        ask(Operation::Flush, &self.path)?;
        self.file.sync_all()
    }

    /// The file itself.
    pub(super) const fn file(&mut self) -> &mut File {
        &mut self.file
    }
}

impl Write for Writing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let half = ask(Operation::Write, &self.path)? && buffer.len() > 1;
        self.file.write(if half { &buffer[..buffer.len() / 2] } else { buffer })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// How a file is opened for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// As a new file; one that is there, or a link of that name, is an error.
    New,
    /// As it is, from its beginning, to read as well.
    Keep,
    /// As it is, behind its end.
    Append,
}

/// Opens a file for writing, for its owner only, and makes it if need be.
pub(super) fn create(path: &Path, opening: Opening) -> io::Result<Writing> {
    ask(Operation::Create, path)?;
    let mut options = OpenOptions::new();
    match opening {
        // A new name is never followed, so that a planted link leads nowhere.
        Opening::New => options.write(true).create_new(true),
        Opening::Keep => options.read(true).write(true).create(true).truncate(false),
        Opening::Append => options.append(true).create(true),
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(Writing { file: options.open(path)?, path: path.to_owned() })
}

/// Makes a folder; its parent is there.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    ask(Operation::CreateFolder, path)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Sets the mode bits of a file or folder; only unix has them.
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    ask(Operation::SetMode, path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    #[cfg(not(unix))]
    let _ = mode;
    Ok(())
}

/// Gives a file or folder another name. One that is there already is replaced where the system does that.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    ask(Operation::Rename, from)?;
    fs::rename(from, to)
}

/// Makes a symbolic link.
#[cfg(unix)]
pub(super) fn link(target: &Path, path: &Path) -> io::Result<()> {
    ask(Operation::Link, path)?;
    std::os::unix::fs::symlink(target, path)
}

/// Removes a file or link.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    ask(Operation::Remove, path)?;
    fs::remove_file(path)
}

/// Removes a folder with what is in it; a link is removed and not followed.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    ask(Operation::RemoveFolder, path)?;
    fs::remove_dir_all(path)
}

/// Makes the names in a folder durable; only unix can.
pub(super) fn flush_folder(path: &Path) -> io::Result<()> {
    ask(Operation::FlushFolder, path)?;
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Says that a lock is asked for.
pub(super) fn lock(path: &Path) -> io::Result<()> {
    ask(Operation::Lock, path).map(|_| ())
}

/// Opens a file to read back what was written.
pub(super) fn open(path: &Path) -> io::Result<File> {
    ask(Operation::Read, path)?;
    File::open(path)
}

/// The whole of a small file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
