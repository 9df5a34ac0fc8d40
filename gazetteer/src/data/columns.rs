//! The columns of one section: LEB128 integers, zigzag where signed, running differences where the
//! recipe wrote differences. See `recipe/encode.py`.

use referral_core::geo::Point;

use super::Damaged;

/// Reads the columns of a section, in their order.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    tag: &'static str,
    rest: &'a [u8],
}

impl<'a> Columns<'a> {
    pub(super) fn new(tag: &'static str, content: &'a [u8]) -> Self {
        Self { tag, rest: content }
    }

    /// The refusal of this section.
    pub(crate) fn damaged(&self) -> Damaged {
        Damaged::Section(self.tag)
    }

    /// A column of integers >= 0, each as a `T`.
    pub(crate) fn unsigned<T: TryFrom<i64>>(&mut self) -> Result<Vec<T>, Damaged> {
        self.rows(Ok)
    }

    /// A column of integers of either sign.
    pub(crate) fn signed<T: TryFrom<i64>>(&mut self) -> Result<Vec<T>, Damaged> {
        self.rows(|value| Ok(unzigzag(value)))
    }

    /// A column kept as differences from the row before.
    pub(crate) fn differences<T: TryFrom<i64>>(&mut self) -> Result<Vec<T>, Damaged> {
        let damaged = self.damaged();
        let mut running = 0_i64;
        self.rows(|value| {
            running = running.checked_add(unzigzag(value)).ok_or(damaged)?;
            Ok(running)
        })
    }

    /// A column of strings, in the order written.
    pub(crate) fn strings(&mut self) -> Result<std::str::Split<'a, char>, Damaged> {
        self.integer()?;
        let length = usize::try_from(self.integer()?).map_err(|_| self.damaged())?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(self.damaged())?;
        self.rest = rest;
        let text = std::str::from_utf8(text).map_err(|_| self.damaged())?;
        Ok(text.split('\n'))
    }

    /// Two columns of differences, latitude and longitude, in `per_degree`ths of a degree.
    pub(crate) fn points(&mut self, per_degree: f64) -> Result<Vec<Point>, Damaged> {
        let lats: Vec<i32> = self.differences()?;
        let lons: Vec<i32> = self.differences()?;
        let damaged = self.damaged();
        let point = |(lat, lon): (i32, i32)| {
            Point::new(f64::from(lat) / per_degree, f64::from(lon) / per_degree)
        };
        let points: Result<_, _> = lats.into_iter().zip(lons).map(point).collect();
        points.map_err(|_| damaged)
    }

    fn rows<T: TryFrom<i64>>(
        &mut self,
        mut value: impl FnMut(i64) -> Result<i64, Damaged>,
    ) -> Result<Vec<T>, Damaged> {
        let count = usize::try_from(self.integer()?).map_err(|_| self.damaged())?;
        let mut rows = Vec::with_capacity(count.min(self.rest.len()));
        for _ in 0..count {
            let row = value(self.integer()?)?;
            rows.push(T::try_from(row).map_err(|_| self.damaged())?);
        }
        Ok(rows)
    }

    fn integer(&mut self) -> Result<i64, Damaged> {
        let mut value = 0_i64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(self.damaged())?;
            self.rest = rest;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.damaged())
    }
}

fn unzigzag(value: i64) -> i64 {
    (value >> 1) ^ -(value & 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_add_up() {
        let column = [3, 10, 1, 0x80, 2];

        let rows = Columns::new("TEST", &column).differences::<i32>();

        assert_eq!(rows, Ok(vec![5, 4, 132]));
    }

    #[test]
    fn a_column_that_ends_early_is_refused() {
        let rows = Columns::new("TEST", &[3, 1, 1]).unsigned::<u8>();

        assert_eq!(rows, Err(Damaged::Section("TEST")));
    }

    #[test]
    fn a_value_too_large_for_its_column_is_refused() {
        let rows = Columns::new("TEST", &[1, 0x80, 2]).unsigned::<u8>();

        assert_eq!(rows, Err(Damaged::Section("TEST")));
    }
}
