//! What the index promises, from outside.

#[cfg(test)]
mod anything;
#[cfg(test)]
mod capacity;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod equivalence;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod model;
#[cfg(test)]
mod population;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod real_names;
#[cfg(test)]
mod support;
#[cfg(test)]
mod words;
