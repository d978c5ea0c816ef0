//! Raw logs, byte for byte, compressed, named by their BLAKE3. Files of 0600 in a folder of
//! 0700; complete or absent, never half.

use crate::open::private_dir;
use artifact::ArtifactId;
use lz4_flex::frame::{FrameDecoder, FrameEncoder};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// The vault cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A log is not what its name says.
    #[error("the kept log {0} is damaged: its bytes no longer have its hash")]
    Damaged(String),
    /// A log is larger than the reader will take.
    #[error("the kept log {id} has more than {cap} bytes")]
    TooLarge {
        /// Which.
        id: String,
        /// The most bytes that were asked for.
        cap: u64,
    },
}

/// A folder of compressed logs.
#[derive(Debug, Clone)]
pub struct Vault {
    dir: PathBuf,
}

impl Vault {
    /// Opens, or makes, the folder, and removes what an interrupted write left.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(dir: &Path) -> Result<Self, VaultError> {
        private_dir(dir)?;
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "part") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// Begins to keep a log.
    ///
    /// # Errors
    /// When no file can be made.
    pub fn begin(&self) -> Result<VaultWriter, VaultError> {
        let file = tempfile::Builder::new().suffix(".part").tempfile_in(&self.dir)?;
        Ok(VaultWriter {
            dir: self.dir.clone(),
            encoder: FrameEncoder::new(file),
            hasher: blake3::Hasher::new(),
            bytes: 0,
        })
    }

    /// Keeps bytes that are at hand.
    ///
    /// # Errors
    /// When the disk refuses; nothing is kept then.
    pub fn keep(&self, bytes: &[u8]) -> Result<(ArtifactId, u64), VaultError> {
        let mut writer = self.begin()?;
        writer.write(bytes)?;
        let (id, _, stored) = writer.finish()?;
        Ok((id, stored))
    }

    /// Reads a kept log, decompressing as it goes. Its hash is the reader's to check.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, id: &ArtifactId) -> Result<impl Read, VaultError> {
        Ok(FrameDecoder::new(BufReader::new(File::open(self.path(id))?)))
    }

    /// Reads a whole kept log of at most `cap` bytes and checks its hash.
    ///
    /// # Errors
    /// When it is not there, larger, or damaged.
    pub fn read_all(&self, id: &ArtifactId, cap: u64) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        let read = self.read(id)?.take(cap.saturating_add(1)).read_to_end(&mut bytes);
        match read {
            // The system's refusals carry its number; all else is said by the decoder.
            Err(e) if e.raw_os_error().is_some() => Err(e.into()),
            Ok(read) if read as u64 > cap => Err(VaultError::TooLarge { id: id.short(), cap }),
            Ok(_) if ArtifactId::of(&bytes) == *id => Ok(bytes),
            _ => Err(VaultError::Damaged(id.short())),
        }
    }

    /// Whether a log is kept.
    #[must_use]
    pub fn has(&self, id: &ArtifactId) -> bool {
        self.path(id).exists()
    }

    /// Bytes the kept logs take on the disk, with the folder itself.
    #[must_use]
    pub fn bytes_on_disk(&self) -> u64 {
        crate::disk::used(&self.dir)
    }

    /// Bytes that one kept log takes on the disk; 0 when it is not here.
    #[must_use]
    pub fn used_by(&self, id: &ArtifactId) -> u64 {
        crate::disk::used(&self.path(id))
    }

    /// Removes kept logs for good. What is not here counts as removed.
    ///
    /// # Errors
    /// When the disk refuses; those before the first that it refuses are gone then.
    pub fn remove(&self, ids: &[ArtifactId]) -> Result<(), VaultError> {
        for id in ids {
            match fs::remove_file(self.path(id)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
        // A power cut must not bring back what its human was told is gone.
        Ok(File::open(&self.dir)?.sync_all()?)
    }

    fn path(&self, id: &ArtifactId) -> PathBuf {
        self.dir.join(format!("{id}.lz4"))
    }
}

/// A log on its way into the vault. Dropping it keeps nothing.
pub struct VaultWriter {
    dir: PathBuf,
    encoder: FrameEncoder<NamedTempFile>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl VaultWriter {
    /// Adds bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.encoder.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Makes what was written durable under its hash. Gives the hash, the bytes written, and
    /// the bytes they take.
    ///
    /// # Errors
    /// When the disk refuses; nothing is kept then.
    pub fn finish(self) -> Result<(ArtifactId, u64, u64), VaultError> {
        let file = self.encoder.finish().map_err(io::Error::from)?;
        let id = ArtifactId::from_bytes(*self.hasher.finalize().as_bytes());
        file.as_file().sync_all()?;
        let stored = file.as_file().metadata()?.len();
        file.persist(self.dir.join(format!("{id}.lz4"))).map_err(|e| e.error)?;
        File::open(&self.dir)?.sync_all()?;
        Ok((id, self.bytes, stored))
    }
}
