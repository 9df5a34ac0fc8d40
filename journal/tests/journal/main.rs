//! What a journal promises, tried on memory that crashes and on files.

#[cfg(test)]
mod copying;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod power;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod support;
