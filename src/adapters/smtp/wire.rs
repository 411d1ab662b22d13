//! The bytes below the conversation: TCP, then TLS as the configuration says, and nothing less (DESIGN invariant 8).
//!
//! STARTTLS is done here, before lettre sees the connection: it reads byte by byte up to the end of the answer, so that
//! nothing somebody slipped in ahead of TLS is taken for an answer inside it (CVE-2011-0411).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::limits::Limits;
use super::reply::{Fault, Lost, Reply};
use super::words;
use crate::adapters::tls;
use crate::core::settings::{Server, Tls};
use crate::ports::PortError;

/// More bytes than this without a question from us are no answer.
const LONGEST_ANSWER: usize = 256 * 1024;
/// What lettre is shown in place of the banner, which came before TLS.
const AFTER_STARTTLS: &[u8] = b"220 after STARTTLS\r\n";

/// A connection that may be spoken on, and the name by which we greet.
pub(super) struct Reached {
    pub(super) stream: Box<dyn AsyncTokioStream>,
    pub(super) hello: ClientId,
}

/// Connects, with TLS as configured.
pub(super) async fn reach(server: &Server, limits: &Limits) -> Result<Reached, PortError> {
    // Before a connection is made: a certificate file that is not there is no reason to bother the server.
    let trust = match server.tls {
        Tls::NoneOnLoopback => None,
        Tls::Implicit | Tls::StartTls => Some(tls::client_config(server.ca_file.as_deref())?),
    };
    let mut tcp = connect(server, limits).await?;
    // A final dot held back for the acknowledgement of what came before it costs 40 ms a mail.
    tcp.set_nodelay(true).map_err(|_| words::unreachable(server))?;
    let peer = tcp.peer_addr().map_err(|_| words::unreachable(server))?;
    let hello = hello(tcp.local_addr().map_or(peer.ip(), |ours| ours.ip()));
    let stream: Box<dyn AsyncTokioStream> = match (server.tls, trust) {
        (Tls::Implicit, Some(trust)) => Box::new(Wire::new(handshake(server, limits, trust, tcp).await?, peer, &[])),
        (Tls::StartTls, Some(trust)) => {
            start_tls(&mut tcp, server, limits, &hello).await?;
            Box::new(Wire::new(handshake(server, limits, trust, tcp).await?, peer, AFTER_STARTTLS))
        }
        _ => Box::new(Wire::new(tcp, peer, &[])),
    };
    Ok(Reached { stream, hello })
}

async fn connect(server: &Server, limits: &Limits) -> Result<TcpStream, PortError> {
    let look_up = lookup_host((server.host.as_str(), server.port));
    let found =
        timeout(limits.connect, look_up).await.ok().and_then(Result::ok).ok_or_else(|| words::no_name(server))?;
    let only_here = server.tls == Tls::NoneOnLoopback;
    let addresses: Vec<SocketAddr> = found.filter(|address| !only_here || address.ip().is_loopback()).collect();
    if addresses.is_empty() {
        return Err(words::no_name(server));
    }
    // Each address has its share: one that swallows everything must not use up the time of the others.
    let share = limits.connect / u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        if let Ok(Ok(stream)) = timeout(share, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(words::unreachable(server))
}

async fn handshake(
    server: &Server,
    limits: &Limits,
    trust: Arc<ClientConfig>,
    tcp: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, PortError> {
    let name = ServerName::try_from(server.host.clone()).map_err(|_| words::no_name(server))?;
    match timeout(limits.tls, TlsConnector::from(trust).connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(words::no_tls(server, &error)),
        Err(_) => Err(words::lost(server, "while TLS was agreed", &Lost::TimedOut(limits.tls))),
    }
}

/// Banner, EHLO, STARTTLS. A server that does not offer it, or refuses it, is left: there is no way on without.
async fn start_tls(tcp: &mut TcpStream, server: &Server, limits: &Limits, hello: &ClientId) -> Result<(), PortError> {
    let ask = async |tcp: &mut TcpStream, line: String, step, limit| {
        let talk = async {
            tcp.write_all(line.as_bytes()).await.map_err(|_| Fault::Lost(Lost::Closed))?;
            plain_reply(tcp).await
        };
        let reply = timeout(limit, talk).await.unwrap_or(Err(Fault::Lost(Lost::TimedOut(limit))));
        reply.map_err(|fault| words::session(server, step, &fault))
    };
    ask(tcp, String::new(), "at its banner", limits.greeting).await?;
    let offered = ask(tcp, format!("EHLO {hello}\r\n"), "at EHLO", limits.greeting).await?;
    if !offered.lines.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
        return Err(words::no_starttls(server));
    }
    ask(tcp, "STARTTLS\r\n".to_owned(), "at STARTTLS", limits.command).await?;
    Ok(())
}

/// One answer, and not a byte more.
async fn plain_reply(tcp: &mut TcpStream) -> Result<Reply, Fault> {
    let mut text = Vec::new();
    let mut line = 0;
    loop {
        let byte = tcp.read_u8().await.map_err(|_| Fault::Lost(Lost::Closed))?;
        text.push(byte);
        if text.len() > LONGEST_ANSWER {
            return Err(Fault::Lost(Lost::Garbled));
        }
        if byte == b'\n' {
            // `250-` goes on, `250 ` does not (RFC 5321 section 4.2.1).
            if text.get(line + 3) != Some(&b'-') {
                break;
            }
            line = text.len();
        }
    }
    let text = String::from_utf8(text).map_err(|_| Fault::Lost(Lost::Garbled))?;
    let response: Response = text.parse().map_err(|_| Fault::Lost(Lost::Garbled))?;
    let reply = Reply::from(&response);
    if response.is_positive() { Ok(reply) } else { Err(Fault::Refused(reply)) }
}

/// How we introduce ourselves: the machine's full name, else its address as a literal (RFC 5321 section 4.1.4).
fn hello(ours: IpAddr) -> ClientId {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim().trim_end_matches('.');
    if is_full_name(name) {
        return ClientId::Domain(name.to_ascii_lowercase());
    }
    match ours {
        IpAddr::V4(address) => ClientId::Ipv4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(ClientId::Ipv6(address), ClientId::Ipv4),
    }
}

/// At least two labels of letters, digits and hyphens (RFC 5321 section 2.3.5); not a name of this machine for itself.
fn is_full_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
        && !matches!(last, "localdomain" | "localhost" | "local")
}

/// A stream that begins with a greeting of ours, and that no flood can pass.
struct Wire<S> {
    stream: S,
    peer: SocketAddr,
    greeting: &'static [u8],
    unasked: usize,
}

impl<S> Wire<S> {
    fn new(stream: S, peer: SocketAddr, greeting: &'static [u8]) -> Self {
        Self { stream, peer, greeting, unasked: 0 }
    }
}

impl<S> fmt::Debug for Wire<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Wire").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.greeting.is_empty() {
            let (now, later) = this.greeting.split_at(this.greeting.len().min(into.remaining()));
            into.put_slice(now);
            this.greeting = later;
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, into))?;
        this.unasked += into.filled().len() - before;
        if this.unasked > LONGEST_ANSWER {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::InvalidData)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.unasked = 0;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> AsyncTokioStream for Wire<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_greet_by_a_full_name_or_by_an_address() {
        for name in ["daymark.council.example", "a-1.council.example"] {
            assert!(is_full_name(name), "{name}");
        }
        for name in
            ["", "daymark", "localhost", "daymark.localdomain", "10.0.0.1", "a..example", "-a.example", "a b.example"]
        {
            assert!(!is_full_name(name), "{name}");
        }
        assert!(!hello(IpAddr::from([192, 0, 2, 1])).to_string().is_empty());
    }
}
