//! Real handshakes on loopback, on a clock of our own: who gets in, who is told what.

#[cfg(test)]
mod apart;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod requests;
