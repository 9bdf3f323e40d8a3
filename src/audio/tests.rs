//! Recordings made here and by encoders, whole, cut and spoilt.

use std::f64::consts::TAU;
use std::io::Write;

use proptest::prelude::*;

use super::*;

const MP3: &[u8] = include_bytes!("../../tests/fixtures/audio/tone.mp3");
const VORBIS: &[u8] = include_bytes!("../../tests/fixtures/audio/tone.ogg");
const OPUS: &[u8] = include_bytes!("../../tests/fixtures/audio/tone.opus");

/// Tag, channels, rate and bits of a WAV file.
type How = (u16, u16, u32, u16);

const TELEPHONE: How = (1, 1, 8_000, 16);
const UNKNOWN_LENGTH: u32 = 0xffff_ffff;

fn inspected(bytes: &[u8]) -> Result<Audio, NotAudio> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("room for it");
    inspect(&mut file)
}

fn chunk(name: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    [name.as_slice(), &size.to_le_bytes(), body].concat()
}

fn format_chunk((tag, channels, rate_hz, bits): How) -> Vec<u8> {
    let frame_bytes = channels * bits / 8;
    let mut body = Vec::new();
    body.extend(tag.to_le_bytes());
    body.extend(channels.to_le_bytes());
    body.extend(rate_hz.to_le_bytes());
    body.extend((rate_hz * u32::from(frame_bytes)).to_le_bytes());
    body.extend(frame_bytes.to_le_bytes());
    body.extend(bits.to_le_bytes());
    chunk(b"fmt ", 16, &body)
}

/// A WAV file that says that its sound has `told` bytes.
fn wav_told(how: How, told: u32, sound: &[u8]) -> Vec<u8> {
    let body = [b"WAVE".as_slice(), &format_chunk(how), &chunk(b"data", told, sound)].concat();
    chunk(b"RIFF", told.saturating_add(36), &body)
}

fn wav_of(how: How, sound: &[u8]) -> Vec<u8> {
    wav_told(how, u32::try_from(sound.len()).expect("a short sound"), sound)
}

/// 440 Hz at half of full scale.
fn tone(frames: u32, rate_hz: u32) -> Vec<i16> {
    let at = |frame: u32| f64::from(frame) * 440.0 * TAU / f64::from(rate_hz);
    (0..frames).map(|frame| (at(frame).sin() * 16_384.0) as i16).collect()
}

fn bytes_of(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// A page of Ogg with one packet of less than 255 bytes; nobody here looks at checksums.
fn page(flags: u8, granule: i64, packet: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend(granule.to_le_bytes());
    page.extend([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    page.push(u8::try_from(packet.len()).expect("a short packet"));
    page.extend(packet);
    page
}

fn opus_head(channels: u8) -> Vec<u8> {
    let head = [b"OpusHead\x01".as_slice(), &[channels], &312_u16.to_le_bytes(), &[0; 7]].concat();
    page(2, 0, &head)
}

fn cut_at_tenths(whole: &[u8]) -> impl Iterator<Item = Result<Audio, NotAudio>> {
    (1..10).map(move |tenths| inspected(&whole[..whole.len() * tenths / 10]))
}

#[test]
fn words_are_read_back() {
    for format in [Format::Wav, Format::Mp3, Format::Ogg] {
        assert_eq!(Format::parse(format.word()), Some(format));
        assert!(format.media_type().starts_with("audio/"));
    }
    assert_eq!(Format::parse("flac"), None);
}

#[test]
fn a_telephone_wav_is_read_with_its_peaks() {
    let audio = inspected(&wav_of(TELEPHONE, &bytes_of(&tone(16_000, 8_000)))).expect("audio");
    assert_eq!((audio.format, audio.duration_ms), (Format::Wav, 2_000));
    assert_eq!((audio.channels, audio.sample_rate_hz), (1, 8_000));
    assert_eq!(audio.peaks.len(), 200);
    assert!(audio.peaks.iter().all(|peak| (110..=130).contains(peak)), "{:?}", audio.peaks);
}

#[test]
fn a_long_recording_has_four_hundred_peaks_in_its_order() {
    let mut sound = vec![0; 160_000];
    sound.extend(bytes_of(&tone(80_000, 8_000)));
    let audio = inspected(&wav_of(TELEPHONE, &sound)).expect("audio");
    assert_eq!((audio.duration_ms, audio.peaks.len()), (20_000, 400));
    let (silent, loud) = audio.peaks.split_at(200);
    assert!(silent.iter().all(|peak| *peak == 0), "{silent:?}");
    assert!(loud.iter().all(|peak| *peak > 100), "{loud:?}");
}

#[test]
fn each_of_two_channels_has_its_own_peaks() {
    let frames = tone(4_000, 8_000);
    let sound: Vec<i16> = frames.iter().flat_map(|sample| [*sample, 0]).collect();
    let audio = inspected(&wav_of((1, 2, 8_000, 16), &bytes_of(&sound))).expect("audio");
    assert_eq!((audio.channels, audio.duration_ms, audio.peaks.len()), (2, 500, 100));
    let (left, right) = audio.peaks.split_at(50);
    assert!(left.iter().all(|peak| *peak > 100), "{left:?}");
    assert!(right.iter().all(|peak| *peak == 0), "{right:?}");
}

#[test]
fn of_many_channels_two_have_peaks() {
    let audio = inspected(&wav_of((1, 6, 8_000, 16), &[0; 12 * 800])).expect("audio");
    assert_eq!((audio.channels, audio.duration_ms, audio.peaks.len()), (6, 100, 20));
}

#[test]
fn every_way_to_write_samples_is_read() {
    let loud_float = 1.0_f32.to_le_bytes();
    let loud_double = 1.0_f64.to_le_bytes();
    let ways: [(u16, u16, &[u8]); 8] = [
        (1, 8, &[255]),
        (1, 16, &[0xff, 0x7f]),
        (1, 24, &[0xff, 0xff, 0x7f]),
        (1, 32, &[0xff, 0xff, 0xff, 0x7f]),
        (3, 32, &loud_float),
        (3, 64, &loud_double),
        (6, 8, &[0xaa]),
        (7, 8, &[0x80]),
    ];
    for (tag, bits, loud) in ways {
        let audio = inspected(&wav_of((tag, 1, 8_000, bits), &loud.repeat(800)));
        let audio = audio.unwrap_or_else(|fault| panic!("{tag} with {bits} bits: {fault}"));
        assert_eq!(audio.duration_ms, 100, "{tag} with {bits} bits");
        assert!(audio.peaks.iter().all(|peak| *peak > 245), "{tag}, {bits}: {:?}", audio.peaks);
    }
    let silence = inspected(&wav_of((7, 1, 8_000, 8), &[0xff; 800])).expect("audio");
    assert_eq!(silence.peaks, [0; 10]);
    let no_number = f32::NAN.to_le_bytes().repeat(800);
    let audio = inspected(&wav_of((3, 1, 8_000, 32), &no_number)).expect("audio");
    assert_eq!(audio.peaks, [0; 10]);
}

#[test]
fn an_extensible_header_says_what_is_meant_further_down() {
    let guid = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71";
    let format = format_chunk((0xfffe, 1, 8_000, 16));
    let body = [&format[8..], &[22, 0, 16, 0, 4, 0, 0, 0, 1, 0], guid].concat();
    let data = chunk(b"data", 1_600, &bytes_of(&tone(800, 8_000)));
    let told = [b"WAVE".as_slice(), &chunk(b"fmt ", 40, &body), &data].concat();
    let audio = inspected(&chunk(b"RIFF", 1_660, &told)).expect("audio");
    assert_eq!((audio.duration_ms, audio.peaks.len()), (100, 10));
}

#[test]
fn other_chunks_are_passed_over_and_do_not_count_as_sound() {
    let list = chunk(b"LIST", 5, b"INFOx\0");
    let data = chunk(b"data", 1_600, &bytes_of(&tone(800, 8_000)));
    let body = [b"WAVE".as_slice(), &list, &format_chunk(TELEPHONE), &data, &list].concat();
    let audio = inspected(&chunk(b"RIFF", 0, &body)).expect("audio");
    assert_eq!(audio.duration_ms, 100);
}

#[test]
fn a_length_left_open_while_a_call_goes_on_means_all_there_is() {
    let sound = bytes_of(&tone(8_000, 8_000));
    for told in [UNKNOWN_LENGTH, 0] {
        let audio = inspected(&wav_told(TELEPHONE, told, &sound)).expect("audio");
        assert_eq!(audio.duration_ms, 1_000);
        assert_eq!(inspected(&wav_told(TELEPHONE, told, &[])), Err(NotAudio::Empty));
    }
}

#[test]
fn a_long_wav_has_its_length_elsewhere() {
    let sound = bytes_of(&tone(8_000, 8_000));
    let sizes: Vec<u8> = [16_080_u64, 16_000, 8_000].iter().flat_map(|n| n.to_le_bytes()).collect();
    let long = chunk(b"ds64", 28, &[sizes.as_slice(), &[0; 4]].concat());
    let data = chunk(b"data", UNKNOWN_LENGTH, &sound);
    let body = [b"WAVE".as_slice(), &long, &format_chunk(TELEPHONE), &data].concat();
    let whole = chunk(b"RF64", UNKNOWN_LENGTH, &body);
    assert_eq!(inspected(&whole).map(|audio| audio.duration_ms), Ok(1_000));
    assert_eq!(inspected(&whole[..whole.len() - 1]), Err(NotAudio::Cut));
}

#[test]
fn a_wav_cut_anywhere_is_found() {
    let whole = wav_of(TELEPHONE, &bytes_of(&tone(8_000, 8_000)));
    for cut in cut_at_tenths(&whole) {
        assert_eq!(cut, Err(NotAudio::Cut));
    }
    assert_eq!(inspected(&whole[..whole.len() - 1]), Err(NotAudio::Cut));
    assert_eq!(inspected(&whole[..0]), Err(NotAudio::Empty));
    for end in 1..12 {
        assert_eq!(inspected(&whole[..end]), Err(NotAudio::Unknown), "{end}");
    }
    for end in 12..=44 {
        assert_eq!(inspected(&whole[..end]), Err(NotAudio::Cut), "{end}");
    }
}

#[test]
fn a_wav_that_makes_no_sense_is_broken_or_unknown() {
    let sound = [0; 800];
    assert_eq!(inspected(&wav_of((1, 0, 8_000, 16), &sound)), Err(NotAudio::Broken));
    assert_eq!(inspected(&wav_of((1, 1, 0, 16), &sound)), Err(NotAudio::Broken));
    assert_eq!(inspected(&wav_of((1, 300, 8_000, 16), &sound)), Err(NotAudio::Broken));
    assert_eq!(inspected(&wav_of((0x31, 1, 8_000, 0), &sound)), Err(NotAudio::Unknown));
    let body = [b"WAVE".as_slice(), &chunk(b"data", 800, &sound)].concat();
    assert_eq!(inspected(&chunk(b"RIFF", 812, &body)), Err(NotAudio::Broken));
    let endless = [b"WAVE".as_slice(), &chunk(b"JUNK", 0, &[]).repeat(5_000)].concat();
    assert_eq!(inspected(&chunk(b"RIFF", 0, &endless)), Err(NotAudio::Broken));
}

#[test]
fn more_than_a_day_is_too_long() {
    let day = vec![128; 86_400];
    let audio = inspected(&wav_of((1, 1, 1, 8), &day)).expect("audio");
    assert_eq!((audio.duration_ms, audio.peaks.len()), (86_400_000, 400));
    let longer = [day.as_slice(), &[128]].concat();
    assert_eq!(inspected(&wav_of((1, 1, 1, 8), &longer)), Err(NotAudio::TooLong));
    let opus = [opus_head(1), page(4, 48_000 * 86_401, b"\xf8")].concat();
    assert_eq!(inspected(&opus), Err(NotAudio::TooLong));
}

#[test]
fn an_mp3_is_as_long_as_what_was_encoded() {
    let audio = inspected(MP3).expect("audio");
    assert_eq!((audio.format, audio.channels, audio.sample_rate_hz), (Format::Mp3, 1, 16_000));
    assert!(audio.duration_ms.abs_diff(1_000) < 100, "{}", audio.duration_ms);
    assert!((90..=110).contains(&audio.peaks.len()), "{}", audio.peaks.len());
    assert!(audio.peaks.iter().filter(|peak| **peak > 60).count() > 80, "{:?}", audio.peaks);
}

#[test]
fn tags_before_an_mp3_are_passed_over() {
    let tag = [b"ID3\x04\0\0\0\0\x01\x02".as_slice(), &[0xff; 130]].concat();
    assert_eq!(inspected(&[tag.as_slice(), &tag, MP3].concat()), inspected(MP3));
    assert_eq!(inspected(&tag), Err(NotAudio::Empty));
    assert_eq!(inspected(&tag[..60]), Err(NotAudio::Cut));
    assert_eq!(inspected(&[tag.as_slice(), &[b'x'; 3_000]].concat()), Err(NotAudio::Broken));
}

#[test]
fn a_spoilt_frame_of_an_mp3_is_passed_over() {
    let mut spoilt = MP3.to_vec();
    let middle = spoilt.len() / 2;
    spoilt[middle..middle + 20].fill(0);
    let audio = inspected(&spoilt).expect("audio");
    assert!(audio.duration_ms.abs_diff(1_000) < 300, "{}", audio.duration_ms);
    let half = inspected(&MP3[..middle]).expect("audio");
    assert!((200..800).contains(&half.duration_ms), "{}", half.duration_ms);
}

#[test]
fn the_start_of_an_mp3_alone_is_broken() {
    let header = [0xff, 0xfb, 0x90, 0x00];
    assert_eq!(inspected(&[header.as_slice(), &[0; 100]].concat()), Err(NotAudio::Broken));
    // Layer II, ADTS, a free bit rate, a sample rate that there is not.
    for other in [[0xff, 0xfd, 0x90, 0], [0xff, 0xf1, 0x50, 0x80], [0xff, 0xfb, 0, 0]] {
        assert_eq!(inspected(&[other.as_slice(), &[0; 100]].concat()), Err(NotAudio::Unknown));
    }
    assert_eq!(inspected(b"\xff\xfb\x9c\0 and more"), Err(NotAudio::Unknown));
}

#[test]
fn vorbis_is_decoded() {
    let audio = inspected(VORBIS).expect("audio");
    assert_eq!((audio.format, audio.channels, audio.sample_rate_hz), (Format::Ogg, 1, 16_000));
    assert!(audio.duration_ms.abs_diff(1_000) < 100, "{}", audio.duration_ms);
    assert!((90..=110).contains(&audio.peaks.len()), "{}", audio.peaks.len());
    assert!(audio.peaks.iter().filter(|peak| **peak > 60).count() > 80, "{:?}", audio.peaks);
}

#[test]
fn opus_is_measured_by_its_pages() {
    let audio = inspected(OPUS).expect("audio");
    assert_eq!((audio.format, audio.channels, audio.sample_rate_hz), (Format::Ogg, 1, 48_000));
    assert!(audio.duration_ms.abs_diff(1_000) < 100, "{}", audio.duration_ms);
    assert!(audio.peaks.is_empty());
    // A page in which no packet ends tells nothing, and what is put behind the last is none of it.
    let pages = [opus_head(2), page(0, 48_312, b"\xf8"), page(4, -1, b"\xf8")].concat();
    let audio = inspected(&[pages.as_slice(), b"TAG and more"].concat()).expect("audio");
    assert_eq!((audio.duration_ms, audio.channels), (1_000, 2));
    let twice = [OPUS, OPUS].concat();
    assert_eq!(inspected(&twice).map(|audio| audio.duration_ms), Ok(2_000));
    assert_eq!(inspected(&opus_head(1)), Err(NotAudio::Empty));
    assert_eq!(inspected(&opus_head(0)), Err(NotAudio::Broken));
}

#[test]
fn an_ogg_cut_within_a_page_is_found() {
    for whole in [VORBIS, OPUS] {
        for cut in cut_at_tenths(whole).chain([inspected(&whole[..whole.len() - 1])]) {
            assert_eq!(cut, Err(NotAudio::Cut));
        }
    }
}

#[test]
fn ogg_with_something_else_is_unknown_and_pages_with_gaps_are_broken() {
    let speex = [b"Speex   1.2".as_slice(), &[0; 69]].concat();
    assert_eq!(inspected(&page(2, 0, &speex)), Err(NotAudio::Unknown));
    let gap = [opus_head(1).as_slice(), &[0; 40], &page(4, 48_312, b"\xf8")].concat();
    assert_eq!(inspected(&gap), Err(NotAudio::Broken));
}

#[test]
fn what_is_no_sound_is_told_by_its_kind() {
    assert_eq!(inspected(b""), Err(NotAudio::Empty));
    for text in ["<!DOCTYPE html><p>Expired", " \r\n\t<html>", "\u{feff}<?xml version=\"1.0\"?>"] {
        assert_eq!(inspected(text.as_bytes()), Err(NotAudio::Page), "{text}");
    }
    assert_eq!(inspected(b"\xff\xfe<\0h\0t\0m\0l\0"), Err(NotAudio::Page));
    for text in ["{\"error\":\"gone\"}", "   ", "RIFF", "fLaC", "a < b"] {
        assert_eq!(inspected(text.as_bytes()), Err(NotAudio::Unknown), "{text}");
    }
}

/// What may be said of any bytes.
fn sound(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(audio) = inspected(bytes) {
        prop_assert!(audio.peaks.len() <= 800);
        prop_assert!(audio.duration_ms <= LONGEST_S * 1_000);
        prop_assert!(audio.channels > 0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_behind_a_beginning_that_fits_breaks_it(
        beginning in 0_usize..7,
        rest in proptest::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let beginnings: [&[u8]; 7] = [
            b"",
            b"RIFF\0\0\0\0WAVE",
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
            b"RF64\0\0\0\0WAVEds64",
            b"ID3\x04\0\0",
            b"\xff\xfb\x90\x00",
            b"OggS\0\x02",
        ];
        sound(&[beginnings[beginning], &rest].concat())?;
    }

    #[test]
    fn no_spoilt_recording_breaks_it(
        which in 0_usize..4,
        faults in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let wav = wav_of((1, 2, 8_000, 16), &bytes_of(&tone(800, 8_000)));
        let mut bytes = [MP3, VORBIS, OPUS, &wav][which].to_vec();
        for (at, byte) in faults {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(end.index(bytes.len() * 2));
        sound(&bytes)?;
    }
}
