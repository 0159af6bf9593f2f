//! Frames of WebSockets (RFC 6455), as far as a client needs them that trusts its server.

use anyhow::{Result, ensure};

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// The bit of the last, here the only, frame of a message.
const FINAL: u8 = 0x80;
/// The bit that says that a mask follows.
const MASKED: u8 = 0x80;
/// What stands in place of a length that follows, in so many bytes.
const LENGTH_IN_2: u8 = 0x7e;
const LENGTH_IN_8: u8 = 0x7f;

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
}

/// The first frame of these bytes and how many it takes, once it is complete.
pub fn split(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
    ensure!(first & FINAL != 0 && second & MASKED == 0, "the server sends messages in parts, or masked");
    let (length, start) = match second & !MASKED {
        LENGTH_IN_2 => (rest.first_chunk().map(|bytes| u64::from(u16::from_be_bytes(*bytes))), 4),
        LENGTH_IN_8 => (rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)), 10),
        short => (Some(u64::from(short)), 2),
    };
    let Some(length) = length else { return Ok(None) };
    let length = usize::try_from(length)?;
    let end = start + length;
    Ok(bytes.get(start..end).map(|payload| (Frame { opcode: first & 0x0f, payload }, end)))
}

/// Appends a frame from the client. Its mask is zero, which the protocol allows and which changes
/// nothing for the server: it unmasks all the same.
pub fn put(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(FINAL | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..=125), _) => out.push(MASKED | length),
        (_, Ok(length)) => {
            out.push(MASKED | LENGTH_IN_2);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(MASKED | LENGTH_IN_8);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a server sends it: not masked.
    fn from_server(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, TEXT, payload);
        bytes[1] &= !MASKED;
        let head = bytes.len() - payload.len();
        bytes.drain(head - 4..head);
        bytes
    }

    #[test]
    fn frames_of_every_length_are_read() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut bytes = from_server(&payload);
            let size = bytes.len();
            bytes.extend_from_slice(b"the next one");
            assert_eq!(split(&bytes).unwrap(), Some((Frame { opcode: TEXT, payload: &payload }, size)));
        }
    }

    #[test]
    fn an_incomplete_frame_waits_for_the_rest() {
        for length in [5, 200, 70_000] {
            let bytes = from_server(&vec![b'x'; length]);
            for end in [0, 1, 2, 3, 9, bytes.len() - 1] {
                assert_eq!(split(&bytes[..end.min(bytes.len() - 1)]).unwrap(), None, "{length} {end}");
            }
        }
    }

    #[test]
    fn messages_in_parts_are_refused() {
        assert!(split(&[TEXT, 0]).is_err());
    }
}
