//! A mail server in memory that is told what to answer, and sends back the copies it was asked for.

use std::collections::VecDeque;

use daymark::ports::{Courier, Delivery, Outgoing, Retry};

/// What becomes of one mail.
#[derive(Clone, Copy)]
pub enum Fate {
    /// It is taken, and the server says so.
    Taken,
    /// It is taken, and the connection is cut before the server says so.
    TakenUnsaid,
    /// The connection is cut before it is taken.
    LostUnsaid,
    /// Try later.
    Busy,
}

/// What a relay makes of the headers of what goes through it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Rewrites {
    #[default]
    Nothing,
    /// Another Message-ID, and the old one beside it, as Outlook's submission server does; and it drops headers that it
    /// does not know.
    LikeOutlook,
    /// It drops headers that it does not know.
    DropsOurs,
}

/// The server.
#[derive(Default)]
pub struct Post {
    /// The fates of the next mails; afterwards every mail is taken.
    pub fates: VecDeque<Fate>,
    pub rewrites: Rewrites,
    /// Copies stay on their way until this is set back.
    pub holds_copies: bool,
    /// What happens elsewhere while a mail is handed over.
    pub meanwhile: Option<Box<dyn FnMut() + Send>>,
    /// Everything that was taken: recipients and bytes.
    pub taken: Vec<(Vec<String>, Vec<u8>)>,
    /// Everything that was handed over, taken or not.
    pub handed: Vec<Outgoing>,
    on_their_way: Vec<Vec<u8>>,
}

impl Post {
    /// The next mails have these fates.
    pub fn will(&mut self, fates: &[Fate]) {
        self.fates.extend(fates);
    }

    /// The copies that come to lie in the watched mailbox now.
    pub fn copies(&mut self) -> Vec<Vec<u8>> {
        if self.holds_copies { Vec::new() } else { std::mem::take(&mut self.on_their_way) }
    }

    /// How many mails one recipient was sent.
    pub fn sent_to(&self, address: &str) -> usize {
        self.taken.iter().filter(|(to, _)| to.iter().any(|to| to == address)).count()
    }

    fn rewritten(&self, raw: &[u8]) -> Vec<u8> {
        let text = String::from_utf8(raw.to_vec()).unwrap();
        let ours = |line: &str| line.starts_with("X-Daymark-Id:");
        match self.rewrites {
            Rewrites::Nothing => text,
            Rewrites::DropsOurs => text.split_inclusive('\n').filter(|line| !ours(line)).collect(),
            Rewrites::LikeOutlook => {
                let new = "Message-ID: <another@relay.example>\r\nX-Microsoft-Original-Message-ID:";
                text.split_inclusive('\n').filter(|line| !ours(line)).collect::<String>().replacen(
                    "Message-ID:",
                    new,
                    1,
                )
            }
        }
        .into_bytes()
    }
}

impl Courier for Post {
    async fn deliver(&mut self, mail: &Outgoing) -> Vec<Delivery> {
        self.handed.push(mail.clone());
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile();
        }
        let fate = self.fates.pop_front().unwrap_or(Fate::Taken);
        if matches!(fate, Fate::Taken | Fate::TakenUnsaid) {
            let raw = self.rewritten(&mail.bytes);
            if mail.copy_to.is_some() {
                self.on_their_way.push(raw.clone());
            }
            self.taken.push((mail.to.clone(), raw));
        }
        let answer = match fate {
            Fate::Taken => Delivery::Sent,
            Fate::TakenUnsaid | Fate::LostUnsaid => Delivery::Unknown { why: "cut after the final dot".to_owned() },
            Fate::Busy => Delivery::NotSent { why: "451 later".to_owned(), retry: Retry::Later },
        };
        vec![answer; mail.to.len()]
    }

    fn repeats_harmlessly(&self) -> bool {
        false
    }
}
