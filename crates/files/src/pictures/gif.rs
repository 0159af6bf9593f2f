use super::Parts;
use crate::decoding::{PIXELS, Unreadable};

const EXTENSION: u8 = 0x21;
const PICTURE: u8 = 0x2C;
const END: u8 = 0x3B;

/// How long the next picture is shown, and what of it can be seen through.
const CONTROL: u8 = 0xF9;
const TEXT: u8 = 0x01;
const APPLICATION: u8 = 0xFF;

/// Which applications' blocks say how often the pictures are shown.
const LOOPING: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// The same pictures without what a program wrote beside them and without what follows after the end.
pub(super) fn cleaned(file: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut parts = Parts(file);
    let mut clean = Vec::with_capacity(file.len());
    let head = parts.take(13)?;
    clean.extend(head);
    clean.extend(parts.take(colours(head[10]))?);
    let mut control: Option<&[u8]> = None;
    while !parts.0.is_empty() {
        match parts.byte()? {
            EXTENSION => match parts.byte()? {
                CONTROL => control = Some(blocks(&mut parts)?),
                // It is for the text that goes.
                TEXT => (_, control) = (blocks(&mut parts)?, None),
                APPLICATION => clean.extend(looping(blocks(&mut parts)?).unwrap_or_default()),
                _ => _ = blocks(&mut parts)?,
            },
            PICTURE => {
                if let Some(control) = control.take() {
                    clean.extend([EXTENSION, CONTROL]);
                    clean.extend(control);
                }
                clean.push(PICTURE);
                clean.extend(picture(&mut parts)?);
            }
            END => break,
            // Some programs fill up between blocks.
            0 => {}
            _ => return Err(Unreadable::Damaged),
        }
    }
    // Some programs leave the end out.
    clean.push(END);
    Ok(clean)
}

/// How many bytes the table of colours has that such flags tell of.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) }
}

/// Where a picture is, its own table of colours, and its pixels.
fn picture<'a>(parts: &mut Parts<'a>) -> Result<&'a [u8], Unreadable> {
    let all = parts.0;
    let head = parts.take(9)?;
    let side = |at: usize| u64::from(u16::from_le_bytes([head[at], head[at + 1]]));
    // Browsers make room for each picture, however large they all are said to be.
    if side(4) * side(6) > PIXELS {
        return Err(Unreadable::TooManyPixels);
    }
    parts.take(colours(head[8]) + 1)?;
    blocks(parts)?;
    Ok(&all[..all.len() - parts.0.len()])
}

/// Blocks up to the empty one that ends them.
fn blocks<'a>(parts: &mut Parts<'a>) -> Result<&'a [u8], Unreadable> {
    let all = parts.0;
    loop {
        let length = parts.byte()?;
        if length == 0 {
            return Ok(&all[..all.len() - parts.0.len()]);
        }
        parts.take(usize::from(length))?;
    }
}

/// What an application says of how often the pictures are shown, and nothing else.
fn looping(blocks: &[u8]) -> Option<Vec<u8>> {
    let name = blocks.get(..12)?;
    let (says, times) = (blocks.get(12..14)?, blocks.get(14..16)?);
    let known = name[0] == 11 && LOOPING.contains(&&name[1..]) && says == [3, 1];
    known.then(|| [&[EXTENSION, APPLICATION], name, says, times, &[0]].concat())
}
