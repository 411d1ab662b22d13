//! The bytes to and from a server: TCP, then TLS as the configuration says, or no connection.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, BufWriter, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::starttls;
use super::words::{Place, TRIES_AGAIN};
use crate::adapters::tls;
use crate::core::settings::{Server, Tls};
use crate::ports::PortError;

/// How long a server may be silent before its connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Connecting, TLS and the login: each so long at most (default 30 s).
    pub connect: Duration,
    /// Between two pieces of an answer, however small (default 30 s).
    pub silence: Duration,
    /// One whole answer (default 5 minutes), and what its size asks for beyond that: a slow line of 100 kB/s is granted.
    pub answer: Duration,
    /// The answer to `DONE`, which ends waiting for mail (default 15 s).
    pub done: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            silence: Duration::from_secs(30),
            answer: Duration::from_secs(300),
            done: Duration::from_secs(15),
        }
    }
}

impl Patience {
    /// For an answer of about so many bytes.
    pub(super) fn whole(&self, bytes: u64) -> Duration {
        self.answer + Duration::from_millis(bytes / 100)
    }
}

/// What bytes travel over.
trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for S {}

/// A connection that counts what came, so that a slow answer can be told from none, and sends a command at once: one
/// packet, where a server would otherwise wait for the next (RFC 896 and delayed acknowledgements: 44 ms each).
pub(super) struct Wire {
    stream: BufWriter<Box<dyn Stream>>,
    received: u64,
}

impl Wire {
    fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: BufWriter::new(Box::new(stream)), received: 0 }
    }

    /// Bytes that came so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("received", &self.received).finish_non_exhaustive()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.received += (buf.filled().len() - before) as u64;
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Connects as the configuration says. True beside it when the server's greeting is still to come.
pub(super) async fn connect(server: &Server, place: &Place, patience: &Patience) -> Result<(Wire, bool), PortError> {
    let unreachable = |why: String| {
        place.later(
            format!("the server cannot be reached: {why}"),
            "Daymark will try again. Is the server running, are its name and port right, and does the firewall let this \
             machine through?",
        )
    };
    let mut tcp = timeout(patience.connect, TcpStream::connect((server.host.as_str(), server.port)))
        .await
        .map_err(|_| unreachable(format!("no answer within {} seconds", patience.connect.as_secs())))?
        .map_err(|error| unreachable(error.to_string()))?;
    tcp.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
    match server.tls {
        Tls::NoneOnLoopback => {
            let here = tcp.peer_addr().is_ok_and(|address| address.ip().is_loopback());
            let elsewhere = || {
                let what = "only a server on this machine may be spoken to without TLS, and this one is elsewhere";
                place.never(what, "Leave “tls” out, or write “tls = \"starttls\"”.")
            };
            if here { Ok((Wire::new(tcp), true)) } else { Err(elsewhere()) }
        }
        Tls::StartTls => {
            timeout(patience.connect, starttls::ask(&mut tcp, place)).await.map_err(|_| silent(place))??;
            Ok((encrypt(tcp, server, place, patience).await?, false))
        }
        Tls::Implicit => Ok((encrypt(tcp, server, place, patience).await?, true)),
    }
}

async fn encrypt(tcp: TcpStream, server: &Server, place: &Place, patience: &Patience) -> Result<Wire, PortError> {
    let config = tls::client_config(server.ca_file.as_deref())?;
    let name = ServerName::try_from(server.host.clone()).map_err(|_| {
        place.never("the server's name is not one a certificate can bear", "Correct “host” in the configuration.")
    })?;
    match timeout(patience.connect, TlsConnector::from(config).connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(Wire::new(stream)),
        Ok(Err(error)) => Err(match tls::refusal(&error, &server.host) {
            Some(words) => place.never(words, "Nothing is read or sent without encryption."),
            None => place.later("the connection broke while encryption was agreed upon", TRIES_AGAIN),
        }),
        Err(_) => Err(silent(place)),
    }
}

fn silent(place: &Place) -> PortError {
    place.later("the server took the connection and then said nothing", TRIES_AGAIN)
}
