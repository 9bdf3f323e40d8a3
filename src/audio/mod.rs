//! Whether a file is the recording of a call, and what there is to know about it: decoded from the
//! first sound to the last, because what a provider says of a file proves nothing.
//!
//! Never looks at a name or a content type, never holds a whole file in memory, and never panics,
//! whatever the bytes are.

mod peaks;

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW,
    CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24LE, CODEC_ID_PCM_S32LE, CODEC_ID_PCM_U8,
};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSourceStream, ReadOnlySource};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::formats::{MpaReader, OggReader};
use symphonia::default::get_codecs;

use self::peaks::{Sum, decode, is_end, undecodable};

/// The longest recording, in seconds.
const LONGEST_S: u64 = 24 * 3_600;
/// How much of a file's beginning tells what it is.
const HEAD_BYTES: u64 = 512;
/// Most chunks of a WAV file before its sound.
const MOST_CHUNKS: usize = 1_000;
/// How much of a WAV file is decoded at once.
const PIECE_BYTES: usize = 64 * 1_024;
/// What Opus counts in, whatever was recorded.
const OPUS_RATE_HZ: u32 = 48_000;

/// What kind of file a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RIFF with PCM, floats, A-law or mu-law.
    Wav,
    /// MPEG audio, layer III.
    Mp3,
    /// Ogg with Vorbis or Opus.
    Ogg,
}

impl Format {
    /// The word used in tables and the interface; the ending of a file's name too.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Wav, Self::Mp3, Self::Ogg].into_iter().find(|format| format.word() == word)
    }

    /// What a browser plays it as.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
        }
    }
}

/// What a recording holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// What kind of file it is.
    pub format: Format,
    /// How long it is.
    pub duration_ms: u64,
    /// Its channels.
    pub channels: u8,
    /// Samples of a channel in a second.
    pub sample_rate_hz: u32,
    /// How loud it is over time: at most 400 values of the first channel, then as many of the
    /// second. Nothing of Opus, which is not decoded.
    pub peaks: Vec<u8>,
}

/// Why a file is no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAudio {
    /// There is nothing in it to be heard.
    #[error("the file holds no sound")]
    Empty,
    /// It is a web page or other markup: often an error told with status 200.
    #[error("the file is a page")]
    Page,
    /// It is of no kind that is known here.
    #[error("the file is of no known kind")]
    Unknown,
    /// It ends before it says it does.
    #[error("the file is cut short")]
    Cut,
    /// It says that it is sound, but none of it can be decoded.
    #[error("the sound cannot be decoded")]
    Broken,
    /// It goes on for more than a day.
    #[error("the sound is too long")]
    TooLong,
    /// The disk does not give it back.
    #[error("the file cannot be read")]
    Unreadable,
}

impl NotAudio {
    /// The stable code, for people and programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Page => "html",
            Self::Unknown => "not_audio",
            Self::Cut => "cut_short",
            Self::Broken => "broken_audio",
            Self::TooLong => "too_long",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Reads a whole file, from its beginning, and says what recording it is. This takes its time: not
/// for a thread that others wait for.
pub fn inspect(file: &mut File) -> Result<Audio, NotAudio> {
    let length = file.seek(SeekFrom::End(0)).map_err(|_| NotAudio::Unreadable)?;
    if length == 0 {
        return Err(NotAudio::Empty);
    }
    match sniff(file)? {
        Format::Wav => wav(file, length),
        Format::Mp3 => mp3(file, length),
        Format::Ogg => ogg(file, length),
    }
}

/// What kind of file it is, by its first bytes.
fn sniff(file: &mut File) -> Result<Format, NotAudio> {
    go(file, 0)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|_| NotAudio::Unreadable)?;
    match head.as_slice() {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Ok(Format::Wav),
        [b'O', b'g', b'g', b'S', ..] => Ok(Format::Ogg),
        [b'I', b'D', b'3', ..] => Ok(Format::Mp3),
        [0xff, second, third, ..] if is_layer_three(*second, *third) => Ok(Format::Mp3),
        other if is_markup(other) => Err(NotAudio::Page),
        _ => Err(NotAudio::Unknown),
    }
}

/// Whether what follows `0xff` makes it the header of a frame: its sync, a version, layer III, a
/// bit rate and a sample rate that exist.
fn is_layer_three(second: u8, third: u8) -> bool {
    let (version, layer) = ((second >> 3) & 0b11, (second >> 1) & 0b11);
    let (bit_rate, sample_rate) = (third >> 4, (third >> 2) & 0b11);
    let is_sync = second & 0b1110_0000 == 0b1110_0000;
    let has_rates = !matches!(bit_rate, 0 | 15) && sample_rate != 0b11;
    is_sync && version != 0b01 && layer == 0b01 && has_rates
}

/// Whether the first byte that is neither white space nor a byte order mark begins a tag.
fn is_markup(head: &[u8]) -> bool {
    let passes = |byte: u8| {
        byte.is_ascii_whitespace() || matches!(byte, 0 | 0x0b | 0xef | 0xbb | 0xbf | 0xfe | 0xff)
    };
    head.iter().copied().find(|byte| !passes(*byte)) == Some(b'<')
}

/// How the samples of a WAV file are written.
struct Samples {
    codec: AudioCodecId,
    rate_hz: u32,
    channels: u8,
    frame_bytes: usize,
}

/// Its chunks are walked here and not by symphonia, which takes neither RF64 nor the lengths of
/// nought that are left by who writes while a call goes on.
fn wav(file: &mut File, length: u64) -> Result<Audio, NotAudio> {
    let (samples, sound_bytes) = wav_sound(file, length)?;
    let mut params = AudioCodecParameters::new();
    params
        .for_codec(samples.codec)
        .with_sample_rate(samples.rate_hz)
        .with_channels(Channels::Discrete(u16::from(samples.channels)));
    let decoder = get_codecs().make_audio_decoder(&params, &AudioDecoderOptions::default());
    let mut decoder = decoder.map_err(|error| undecodable(&error))?;
    let frame_bytes = samples.frame_bytes.max(1);
    let piece_bytes = (PIECE_BYTES / frame_bytes).max(1).saturating_mul(frame_bytes);
    let piece_most = u64::try_from(piece_bytes).unwrap_or(u64::MAX);
    let mut sound = file.by_ref().take(sound_bytes);
    let mut piece = Vec::with_capacity(piece_bytes);
    let mut sum = Sum::default();
    loop {
        piece.clear();
        let read = sound.by_ref().take(piece_most).read_to_end(&mut piece);
        read.map_err(|_| NotAudio::Unreadable)?;
        if piece.len() < frame_bytes {
            break;
        }
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, &piece);
        let decoded = decoder.decode_ref(&packet).map_err(|_| NotAudio::Broken)?;
        sum.add(&decoded, 0)?;
    }
    sum.finish(Format::Wav, 0)
}

/// Goes to the sound of a WAV file; how it is written and how many bytes it has.
fn wav_sound(file: &mut File, length: u64) -> Result<(Samples, u64), NotAudio> {
    let mut at = 12_u64;
    let mut samples = None;
    let mut long_bytes = None;
    for _ in 0..MOST_CHUNKS {
        go(file, at)?;
        let [n0, n1, n2, n3, size @ ..]: [u8; 8] = next(file)?;
        let size = u32::from_le_bytes(size);
        let body = at.saturating_add(8);
        match &[n0, n1, n2, n3] {
            b"fmt " => samples = Some(wav_samples(file, size)?),
            b"ds64" => {
                let [_, _, _, _, _, _, _, _, bytes @ ..]: [u8; 16] = next(file)?;
                long_bytes = Some(u64::from_le_bytes(bytes));
            }
            b"data" => {
                let samples = samples.ok_or(NotAudio::Broken)?;
                let there = length.saturating_sub(body);
                let told = match long_bytes {
                    Some(bytes) if size == u32::MAX => bytes,
                    _ => u64::from(size),
                };
                // Who writes while a call goes on does not know the length and leaves one of these.
                let is_open = matches!(told, 0 | 0xffff_ffff | u64::MAX);
                if told > there && !is_open {
                    return Err(NotAudio::Cut);
                }
                return Ok((samples, if is_open { there } else { told }));
            }
            _ => {}
        }
        at = body.saturating_add(u64::from(size)).saturating_add(u64::from(size & 1));
    }
    Err(NotAudio::Broken)
}

/// Reads the chunk that says how samples are written.
fn wav_samples(file: &mut File, size: u32) -> Result<Samples, NotAudio> {
    const EXTENSIBLE: u16 = 0xfffe;
    let [t0, t1, c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1]: [u8; 16] = next(file)?;
    let mut tag = u16::from_le_bytes([t0, t1]);
    if tag == EXTENSIBLE && size >= 40 {
        let [_, _, _, _, _, _, _, _, s0, s1, ..]: [u8; 24] = next(file)?;
        tag = u16::from_le_bytes([s0, s1]);
    }
    let (codec, bytes) = match (tag, u16::from_le_bytes([b0, b1])) {
        (1, 8) => (CODEC_ID_PCM_U8, 1),
        (1, 16) => (CODEC_ID_PCM_S16LE, 2),
        (1, 24) => (CODEC_ID_PCM_S24LE, 3),
        (1, 32) => (CODEC_ID_PCM_S32LE, 4),
        (3, 32) => (CODEC_ID_PCM_F32LE, 4),
        (3, 64) => (CODEC_ID_PCM_F64LE, 8),
        (6, _) => (CODEC_ID_PCM_ALAW, 1),
        (7, _) => (CODEC_ID_PCM_MULAW, 1),
        _ => return Err(NotAudio::Unknown),
    };
    let channels = u8::try_from(u16::from_le_bytes([c0, c1])).map_err(|_| NotAudio::Broken)?;
    let rate_hz = u32::from_le_bytes([r0, r1, r2, r3]);
    if channels == 0 || rate_hz == 0 {
        return Err(NotAudio::Broken);
    }
    let frame_bytes = usize::from(channels).saturating_mul(bytes);
    Ok(Samples { codec, rate_hz, channels, frame_bytes })
}

/// Every frame is decoded: the headers of MP3 only guess how long it is.
fn mp3(file: &mut File, length: u64) -> Result<Audio, NotAudio> {
    let begin = after_tags(file, length)?;
    go(file, begin)?;
    guarded(|| {
        let reader = MpaReader::try_new(stream(file), FormatOptions::default());
        let mut reader = reader.map_err(|error| undecodable(&error))?;
        let sum = decode(&mut reader, false)?;
        let padding = reader.tracks().first().and_then(|track| track.padding);
        sum.finish(Format::Mp3, u64::from(padding.unwrap_or(0)))
    })
}

/// Where the ID3 tags before the sound end.
fn after_tags(file: &mut File, length: u64) -> Result<u64, NotAudio> {
    const HEADER_BYTES: u64 = 10;
    let mut at = 0_u64;
    while at < length {
        go(file, at)?;
        let [b'I', b'D', b'3', _, _, flags, s0, s1, s2, s3]: [u8; 10] = next(file)? else {
            return Ok(at);
        };
        let sizes = [s0, s1, s2, s3];
        let size = sizes.iter().fold(0_u64, |size, part| (size << 7) | u64::from(part & 0x7f));
        let footer = if flags & 0b1_0000 == 0 { 0 } else { HEADER_BYTES };
        at = at.saturating_add(HEADER_BYTES).saturating_add(size).saturating_add(footer);
    }
    Err(if at > length { NotAudio::Cut } else { NotAudio::Empty })
}

/// What is in an Ogg file, as far as it is known here.
#[derive(Clone, Copy)]
enum Codec {
    Vorbis,
    /// It is not decoded: symphonia cannot.
    Opus {
        channels: u8,
        pre_skip: u16,
    },
}

fn ogg(file: &mut File, length: u64) -> Result<Audio, NotAudio> {
    match ogg_sound(file, length)? {
        (Codec::Vorbis, _) => {
            go(file, 0)?;
            guarded(|| {
                let reader = OggReader::try_new(stream(file), FormatOptions::default());
                let mut reader = reader.map_err(|error| {
                    if is_end(&error) { NotAudio::Cut } else { undecodable(&error) }
                })?;
                decode(&mut reader, true)?.finish(Format::Ogg, 0)
            })
        }
        (Codec::Opus { channels, .. }, ticks) => {
            let rate = u64::from(OPUS_RATE_HZ);
            if ticks > rate.saturating_mul(LONGEST_S) {
                return Err(NotAudio::TooLong);
            }
            if ticks == 0 {
                return Err(NotAudio::Empty);
            }
            let duration_ms = ticks.saturating_mul(1_000) / rate;
            let (format, sample_rate_hz) = (Format::Ogg, OPUS_RATE_HZ);
            Ok(Audio { format, duration_ms, channels, sample_rate_hz, peaks: Vec::new() })
        }
    }
}

/// The pages of an Ogg file that belong to its sound.
#[derive(Clone, Copy)]
struct Stream {
    serial: [u8; 4],
    codec: Codec,
    /// Where the last page ends, counted from the beginning.
    granule: i64,
    is_over: bool,
}

impl Stream {
    /// How long it is as far as pages tell it.
    fn ticks(self) -> u64 {
        match self.codec {
            Codec::Vorbis => 0,
            Codec::Opus { pre_skip, .. } => {
                u64::try_from(self.granule).unwrap_or(0).saturating_sub(u64::from(pre_skip))
            }
        }
    }
}

/// Walks the pages of an Ogg file: what is in it, and how long it is if pages tell that. Of several
/// streams at once the first that is known counts; what comes one after the other is added up.
fn ogg_sound(file: &mut File, length: u64) -> Result<(Codec, u64), NotAudio> {
    go(file, 0)?;
    let mut reader = BufReader::new(file);
    let (mut at, mut ticks_before) = (0_u64, 0_u64);
    let mut sound: Option<Stream> = None;
    while at < length {
        let is_over = sound.is_some_and(|sound| sound.is_over);
        let page = match ogg_page(&mut reader, length.saturating_sub(at)) {
            // Something else was put behind it.
            Err(NotAudio::Cut | NotAudio::Broken) if is_over => break,
            page => page?,
        };
        at = at.saturating_add(page.bytes);
        if let Some(codec) = page.codec {
            if sound.is_none() || is_over {
                ticks_before = ticks_before.saturating_add(sound.map_or(0, Stream::ticks));
                sound = Some(Stream { serial: page.serial, codec, granule: 0, is_over: false });
            }
        } else if let Some(sound) = sound.as_mut().filter(|sound| sound.serial == page.serial) {
            // A page in which no packet ends has -1.
            sound.granule = sound.granule.max(page.granule);
            sound.is_over |= page.is_last;
        }
    }
    let sound = sound.ok_or(NotAudio::Unknown)?;
    Ok((sound.codec, ticks_before.saturating_add(sound.ticks())))
}

/// One page of an Ogg file.
struct Page {
    bytes: u64,
    serial: [u8; 4],
    granule: i64,
    is_last: bool,
    /// What the first page of a stream says that it is.
    codec: Option<Codec>,
}

/// Reads a page and goes to its end; `left` is how much the file still has.
fn ogg_page(reader: &mut BufReader<&mut File>, left: u64) -> Result<Page, NotAudio> {
    const HEADER_BYTES: u32 = 27;
    /// What begins a stream of Opus; Vorbis has more.
    const OPUS_HEAD_BYTES: u32 = 19;
    let [b'O', b'g', b'g', b'S', _, flags]: [u8; 6] = next(reader)? else {
        return Err(NotAudio::Broken);
    };
    let granule = i64::from_le_bytes(next(reader)?);
    let serial: [u8; 4] = next(reader)?;
    let [_, _, _, _, _, _, _, _, segments]: [u8; 9] = next(reader)?;
    let mut body = 0_u32;
    for _ in 0..segments {
        let [bytes]: [u8; 1] = next(reader)?;
        body = body.saturating_add(u32::from(bytes));
    }
    let bytes = u64::from(HEADER_BYTES.saturating_add(u32::from(segments)).saturating_add(body));
    if bytes > left {
        return Err(NotAudio::Cut);
    }
    let mut codec = None;
    if flags & 0b10 != 0 && body >= OPUS_HEAD_BYTES {
        codec = ogg_codec(next(reader)?)?;
        body = body.saturating_sub(OPUS_HEAD_BYTES);
    }
    reader.seek_relative(i64::from(body)).map_err(|_| NotAudio::Unreadable)?;
    Ok(Page { bytes, serial, granule, is_last: flags & 0b100 != 0, codec })
}

/// What a stream is that begins like this.
fn ogg_codec(head: [u8; 19]) -> Result<Option<Codec>, NotAudio> {
    match head {
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Ok(Some(Codec::Vorbis)),
        // Minor versions may be read, major ones are in the upper half.
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', 0..=15, channels, s0, s1, ..] => {
            if channels == 0 {
                return Err(NotAudio::Broken);
            }
            Ok(Some(Codec::Opus { channels, pre_skip: u16::from_le_bytes([s0, s1]) }))
        }
        _ => Ok(None),
    }
}

/// A file as symphonia reads it. It cannot seek in it, so that no header sends it about.
fn stream(file: &mut File) -> MediaSourceStream<'_> {
    MediaSourceStream::new(Box::new(ReadOnlySource::new(file)), Default::default())
}

/// Runs a decoder: if it panics over what it is given, that is broken.
fn guarded(read: impl FnOnce() -> Result<Audio, NotAudio>) -> Result<Audio, NotAudio> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(NotAudio::Broken))
}

fn go(file: &mut File, at: u64) -> Result<(), NotAudio> {
    match file.seek(SeekFrom::Start(at)) {
        Ok(_) => Ok(()),
        Err(_) => Err(NotAudio::Unreadable),
    }
}

/// The next bytes of a file that must have them.
fn next<const N: usize>(from: &mut impl Read) -> Result<[u8; N], NotAudio> {
    let mut bytes = [0; N];
    match from.read_exact(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(NotAudio::Cut),
        Err(_) => Err(NotAudio::Unreadable),
    }
}

#[cfg(test)]
mod tests;
