//! Lists read as they go by: each item is read, looked at and forgotten.
//!
//! Must not know: what the items are.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A list of which every item was read as a `T`, and none is kept.
pub(super) struct Each<T> {
    count: usize,
    items: PhantomData<T>,
}

impl<T> Each<T> {
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut count = 0;
        See { see: |_: T| count += 1, items: PhantomData }.deserialize(from)?;
        Ok(Self { count, items: PhantomData })
    }
}

/// Shows each item of the list in this field of an object; the other fields are passed over.
///
/// # Errors
/// The text cannot be read, or has no such field.
pub(super) fn each_in<T: for<'de> Deserialize<'de>, R: Read>(
    open: &impl Fn() -> io::Result<R>,
    field: &str,
    see: impl FnMut(T),
) -> Result<(), serde_json::Error> {
    let file = open().map_err(serde_json::Error::io)?;
    let mut text = serde_json::Deserializer::from_reader(BufReader::new(file));
    In { field, see: Some(See { see, items: PhantomData }) }.deserialize(&mut text)
}

struct See<T, F> {
    see: F,
    items: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for See<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for See<T, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.see)(item);
        }
        Ok(())
    }
}

struct In<'a, T, F> {
    field: &'a str,
    see: Option<See<T, F>>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for In<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for In<'_, T, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an object with a list of {}", self.field)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            match self.see.take_if(|_| name == self.field) {
                Some(see) => fields.next_value_seed(see)?,
                None => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        match self.see {
            None => Ok(()),
            Some(_) => Err(A::Error::custom(format!("no {}", self.field))),
        }
    }
}
