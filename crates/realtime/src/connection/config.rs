use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::settings::Settings;

/// What a socket reads at once; allocated for every connection. Most of what clients send is an
/// acknowledgement or a sentence.
const READ_BUFFER: usize = 1024;
/// What is collected before it is written; grows with use, and is kept.
const WRITE_BUFFER: usize = 8 * 1024;
/// What may wait to be written when the client does not read.
const MOST_TO_WRITE: usize = 1024 * 1024;

/// The one place where sockets are configured.
///
/// The library's defaults allocate 128 KiB for every connection and take messages of 64 MiB; with
/// these numbers an idle connection costs a few KiB.
pub(crate) fn websocket_config(settings: &Settings) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MOST_TO_WRITE)
        .max_message_size(Some(settings.frame_bytes))
        .max_frame_size(Some(settings.frame_bytes))
}
