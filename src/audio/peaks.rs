//! Decodes sound and adds up what it is: how long, and how loud over time. One byte is kept for ten
//! milliseconds of a channel, never the sound.

use std::io::ErrorKind;

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::default::get_codecs;

use super::{Audio, Format, LONGEST_S, NotAudio};

/// Most values that tell how loud a channel is.
const MOST_VALUES: usize = 400;
/// Channels whose loudness is told.
const MOST_CHANNELS: usize = 2;
/// Windows in a second, in each of which the loudest sample counts.
const WINDOWS_PER_S: u32 = 100;

/// Decodes a file to its end. A packet that cannot be decoded is left out, as players do. A decoder
/// that is `gapless` leaves out by itself what an encoder put before and behind the sound; else
/// what is before it is left out here.
pub(super) fn decode(reader: &mut dyn FormatReader, gapless: bool) -> Result<Sum, NotAudio> {
    let mut sum = Sum::default();
    let mut is_damaged = false;
    let (mut track, mut decoder) = open(reader, gapless)?;
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // Another stream follows.
            Err(Error::ResetRequired) => match open(reader, gapless) {
                Ok(opened) => {
                    (track, decoder) = opened;
                    continue;
                }
                Err(_) => break,
            },
            Err(error) if is_end(&error) => break,
            Err(Error::IoError(_)) => return Err(NotAudio::Unreadable),
            Err(_) => {
                is_damaged = true;
                break;
            }
        };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(sound) => sum.add(&sound, if gapless { 0 } else { packet.trim_start.get() })?,
            Err(_) => is_damaged = true,
        }
    }
    if is_damaged && sum.is_empty() { Err(NotAudio::Broken) } else { Ok(sum) }
}

/// The first track of a file with sound, and what decodes it.
fn open(
    reader: &dyn FormatReader,
    gapless: bool,
) -> Result<(u32, Box<dyn AudioDecoder>), NotAudio> {
    let track = reader.default_track(TrackType::Audio).ok_or(NotAudio::Unknown)?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio());
    let options = AudioDecoderOptions::default().gapless(gapless);
    let decoder = get_codecs().make_audio_decoder(params.ok_or(NotAudio::Unknown)?, &options);
    Ok((track.id, decoder.map_err(|error| undecodable(&error))?))
}

/// Whether a file has no more.
pub(super) fn is_end(error: &Error) -> bool {
    matches!(error, Error::IoError(cause) if cause.kind() == ErrorKind::UnexpectedEof)
}

/// Why something cannot be decoded. Where a file ends without anything that can, it is broken.
pub(super) fn undecodable(error: &Error) -> NotAudio {
    if matches!(error, Error::Unsupported(_)) {
        NotAudio::Unknown
    } else if matches!(error, Error::IoError(_)) && !is_end(error) {
        NotAudio::Unreadable
    } else {
        NotAudio::Broken
    }
}

/// Sound that is added up while it is decoded.
#[derive(Default)]
pub(super) struct Sum {
    rate_hz: u32,
    channels: u8,
    frames: u64,
    curves: Vec<Curve>,
    /// The samples of the last piece, one vector a channel: kept for its room.
    planes: Vec<Vec<f32>>,
}

impl Sum {
    /// Whether nothing was added yet.
    pub(super) fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Adds decoded sound but for its first frames. What differs in rate or channels from what came
    /// first is left out, as players do.
    pub(super) fn add(
        &mut self,
        sound: &GenericAudioBufferRef<'_>,
        skipped_frames: u64,
    ) -> Result<(), NotAudio> {
        if sound.is_empty() {
            return Ok(());
        }
        let rate_hz = sound.spec().rate();
        let channels = u8::try_from(sound.num_planes()).map_err(|_| NotAudio::Broken)?;
        if rate_hz == 0 || channels == 0 {
            return Err(NotAudio::Broken);
        }
        if self.rate_hz == 0 {
            let curve = Curve::new(window_frames(rate_hz));
            self.curves = vec![curve; MOST_CHANNELS.min(usize::from(channels))];
            (self.rate_hz, self.channels) = (rate_hz, channels);
        }
        if (rate_hz, channels) != (self.rate_hz, self.channels) {
            return Ok(());
        }
        let skipped = usize::try_from(skipped_frames).unwrap_or(usize::MAX);
        sound.copy_to_vecs_planar(&mut self.planes);
        for (curve, plane) in self.curves.iter_mut().zip(&self.planes) {
            curve.add(plane.get(skipped..).unwrap_or_default());
        }
        let added = sound.frames().saturating_sub(skipped);
        self.frames = self.frames.saturating_add(u64::try_from(added).unwrap_or(u64::MAX));
        if self.frames > u64::from(rate_hz).saturating_mul(LONGEST_S) {
            return Err(NotAudio::TooLong);
        }
        Ok(())
    }

    /// What was added, but for frames at its end that only fill up.
    pub(super) fn finish(self, format: Format, padding_frames: u64) -> Result<Audio, NotAudio> {
        let frames = self.frames.saturating_sub(padding_frames);
        if frames == 0 {
            return Err(NotAudio::Empty);
        }
        let rate_hz = self.rate_hz;
        let windows = frames.div_ceil(u64::from(window_frames(rate_hz)));
        let windows = usize::try_from(windows).unwrap_or(usize::MAX);
        let peaks = self.curves.into_iter().flat_map(|curve| curve.values(windows)).collect();
        let duration_ms = frames.saturating_mul(1_000) / u64::from(rate_hz.max(1));
        Ok(Audio { format, duration_ms, channels: self.channels, sample_rate_hz: rate_hz, peaks })
    }
}

/// Frames of a window.
fn window_frames(rate_hz: u32) -> u32 {
    rate_hz.div_ceil(WINDOWS_PER_S).max(1)
}

/// How loud a channel is, window after window.
#[derive(Clone)]
struct Curve {
    window_frames: usize,
    /// Frames of the window that is under way.
    filled: usize,
    loudest: f32,
    values: Vec<u8>,
}

impl Curve {
    fn new(window_frames: u32) -> Self {
        let window_frames = usize::try_from(window_frames).unwrap_or(usize::MAX);
        Self { window_frames, filled: 0, loudest: 0.0, values: Vec::new() }
    }

    fn add(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let room = self.window_frames.saturating_sub(self.filled).max(1);
            let (now, later) = samples.split_at(room.min(samples.len()));
            // `max` passes over what is no number.
            self.loudest = now.iter().fold(self.loudest, |most, sample| most.max(sample.abs()));
            self.filled = self.filled.saturating_add(now.len());
            if self.filled >= self.window_frames {
                self.close();
            }
            samples = later;
        }
    }

    fn close(&mut self) {
        // Such a cast stays within the bounds of its type.
        self.values.push((self.loudest * 255.0).round() as u8);
        self.loudest = 0.0;
        self.filled = 0;
    }

    /// The values of the first windows, in as few as are told.
    fn values(mut self, windows: usize) -> Vec<u8> {
        if self.filled > 0 {
            self.close();
        }
        self.values.truncate(windows);
        reduced(&self.values)
    }
}

/// At most so many values as are told: each the loudest of its even share.
fn reduced(values: &[u8]) -> Vec<u8> {
    let told = values.len().min(MOST_VALUES);
    let share = |at: usize| at.saturating_mul(values.len()) / told.max(1);
    let loudest = |at: usize| {
        let part = values.get(share(at)..share(at.saturating_add(1))).unwrap_or_default();
        part.iter().max().copied().unwrap_or_default()
    };
    (0..told).map(loudest).collect()
}
