//! Real sockets, locks, signals and limits of one machine.

#[cfg(test)]
mod local_socket;
#[cfg(test)]
mod processes;
