//! A mail server on this machine, which keeps what it is handed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::eventually;

/// The name and password that the server takes.
const CREDENTIALS: (&str, &str) = ("parlor", "to the mail server");

/// A mail server that demands STARTTLS and a password.
pub struct MailServer {
    address: SocketAddr,
    certificate: String,
    tls: TlsAcceptor,
    state: Arc<Mutex<State>>,
    /// Where it is not opened yet.
    closed: Option<TcpSocket>,
}

#[derive(Default)]
struct State {
    mails: Vec<String>,
    /// What it answers to the next recipients, once each, in place of taking them.
    refusals: Vec<&'static str>,
}

/// What one address was sent.
pub struct Mailbox<'a> {
    server: &'a MailServer,
    address: &'a str,
}

impl MailServer {
    /// A server on a port of its own.
    pub fn start() -> Self {
        let mut server = Self::away();
        server.open();
        server
    }

    /// The same, which takes no connection before it is opened.
    pub fn away() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let address = socket.local_addr().unwrap();
        Self { address, certificate: made.cert.pem(), tls, state: Arc::default(), closed: Some(socket) }
    }

    /// Takes connections from now on.
    pub fn open(&mut self) {
        let listener = self.closed.take().unwrap().listen(64).unwrap();
        let (tls, state) = (self.tls.clone(), Arc::clone(&self.state));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&state)));
            }
        });
    }

    /// The settings of a server that sends through this one; its certificate is written to `folder`.
    pub fn settings(&self, folder: &std::path::Path) -> Vec<(&'static str, String)> {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.certificate).unwrap();
        let mut settings = settings_for(self.address);
        settings.push(("PARLOR_MAIL_CERTIFICATE_FILE", file.display().to_string()));
        settings
    }

    /// Refuses the next recipients with these answers.
    pub fn refuse(&self, answers: &[&'static str]) {
        self.state.lock().unwrap().refusals.extend(answers);
    }

    /// What an address was sent.
    pub fn mailbox<'a>(&'a self, address: &'a str) -> Mailbox<'a> {
        Mailbox { server: self, address }
    }
}

fn settings_for(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("PARLOR_MAIL_HOST", "localhost".into()),
        ("PARLOR_MAIL_PORT", address.port().to_string()),
        ("PARLOR_MAIL_USERNAME", CREDENTIALS.0.into()),
        ("PARLOR_MAIL_PASSWORD", CREDENTIALS.1.into()),
        ("PARLOR_MAIL_FROM", "Parlor <parlor@example.org>".into()),
    ]
}

impl Mailbox<'_> {
    /// Everything that came so far, the first first.
    pub fn all(&self) -> Vec<String> {
        let to = format!("To: {}\r\n", self.address);
        let state = self.server.state.lock().unwrap();
        state.mails.iter().filter(|mail| mail.contains(&to)).cloned().collect()
    }

    /// Waits for the e-mail with this number, counted from 1.
    pub async fn wait(&self, number: usize) -> String {
        eventually("an e-mail", async || self.all().into_iter().nth(number - 1)).await
    }

    /// Waits for it, and answers the secret of the link to this page that is in it.
    pub async fn secret(&self, number: usize, page: &str) -> String {
        let mail = self.wait(number).await;
        let (_, rest) = mail.split_once(&format!("/{page}#t=")).unwrap_or_else(|| panic!("{mail}"));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

async fn serve(mut stream: TcpStream, tls: TlsAcceptor, state: Arc<Mutex<State>>) {
    let Some(()) = greet(&mut stream).await else { return };
    let Ok(stream) = tls.accept(stream).await else { return };
    let (reading, writing) = tokio::io::split(stream);
    _ = converse(BufReader::new(reading), writing, &state).await;
}

/// What is said before TLS begins; nothing when it does not.
async fn greet(stream: &mut TcpStream) -> Option<()> {
    stream.write_all(b"220 mail.example ESMTP\r\n").await.ok()?;
    loop {
        let line = line(&mut BufReader::with_capacity(1, &mut *stream)).await?;
        let answer = match line.split_whitespace().next()? {
            "EHLO" => "250-mail.example\r\n250 STARTTLS",
            "STARTTLS" => "220 go on",
            _ => "530 STARTTLS first",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        if answer.starts_with("220") {
            return Some(());
        }
    }
}

async fn converse<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    mut reading: BufReader<R>,
    mut writing: W,
    state: &Mutex<State>,
) -> Option<()> {
    let mut known = false;
    loop {
        let line = line(&mut reading).await?;
        let answer = match line.split_whitespace().next()? {
            "EHLO" => "250-mail.example\r\n250 AUTH PLAIN".to_owned(),
            "AUTH" => {
                let (name, password) = CREDENTIALS;
                known = line == format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{name}\0{password}")));
                if known { "235 welcome" } else { "535 who is that" }.to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ if !known => "530 say who you are".to_owned(),
            "RCPT" => {
                let mut state = state.lock().unwrap();
                let refusals = &mut state.refusals;
                if refusals.is_empty() { "250 ok".to_owned() } else { refusals.remove(0).to_owned() }
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let mail = decoded(&data(&mut reading).await?);
                state.lock().unwrap().mails.push(mail);
                "250 kept".to_owned()
            }
            _ => "250 ok".to_owned(),
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        writing.flush().await.ok()?;
    }
}

async fn line(reading: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = String::new();
    (reading.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end().to_owned())
}

/// An e-mail of ASCII text that was sent as quoted-printable, as it was written.
fn decoded(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    if !head.contains("quoted-printable") {
        return mail.to_owned();
    }
    let whole = body.replace("=\r\n", "");
    let mut pieces = whole.split('=');
    let first = pieces.next().unwrap_or_default().to_owned();
    let body = pieces.fold(first, |text, piece| {
        let (code, rest) = piece.split_at(2);
        text + &char::from(u8::from_str_radix(code, 16).unwrap()).to_string() + rest
    });
    format!("{head}\r\n\r\n{body}")
}

/// An e-mail, up to the line with nothing but a dot.
async fn data(reading: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut mail = String::new();
    while !mail.ends_with("\r\n.\r\n") {
        if reading.read_line(&mut mail).await.ok()? == 0 {
            return None;
        }
    }
    Some(mail)
}
