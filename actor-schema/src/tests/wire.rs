//! What is learned of a type is what postcard writes of its values.

use super::super::graph::{Graph, Id, Kind};
use super::super::trace::trace;
use super::One;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Reads past one value, by what the graph says of it.
struct Walk<'a> {
    graph: &'a Graph,
    bytes: &'a [u8],
}

impl Walk<'_> {
    fn skip(&mut self, len: usize) {
        self.bytes = &self.bytes[len..];
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes[0];
        self.skip(1);
        byte
    }

    fn varint(&mut self) -> u128 {
        let mut value = 0;
        for place in 0.. {
            let byte = self.byte();
            value |= u128::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    fn children(&mut self, id: Id) {
        for child in self.graph.node(id).children.clone() {
            self.value(child.unwrap());
        }
    }

    fn value(&mut self, id: Id) {
        let kind = self.graph.node(id).asked.kind;
        match kind {
            Kind::Bool | Kind::I8 | Kind::U8 => self.skip(1),
            Kind::F32 => self.skip(4),
            Kind::F64 => self.skip(8),
            Kind::Char | Kind::Str | Kind::Bytes => {
                let len = self.varint();
                self.skip(len as usize);
            }
            Kind::Unit => {}
            Kind::Option => match self.byte() {
                0 => {}
                some => {
                    assert_eq!(some, 1);
                    self.children(id);
                }
            },
            Kind::Seq | Kind::Map => {
                for _ in 0..self.varint() {
                    self.children(id);
                }
            }
            Kind::Newtype | Kind::Tuple | Kind::Struct => self.children(id),
            Kind::Enum => {
                let variant = self.varint() as usize;
                let contents = self.graph.node(id).children[variant];
                self.value(contents.unwrap());
            }
            Kind::Unseen => panic!("unseen"),
            _ => drop(self.varint()),
        }
    }
}

/// Walks over `value`.
fn walk<T: Serialize + DeserializeOwned>(value: &T) {
    let traced = trace::<One<T>>(0);
    let bytes = postcard::to_allocvec(value).unwrap();
    let mut walk = Walk { graph: &traced.graph, bytes: &bytes };
    walk.value(Graph::ROOT);
    assert!(walk.bytes.is_empty(), "{:?} left of {bytes:?} of a {}", walk.bytes, std::any::type_name::<T>());
}

#[test]
fn the_standard_library() {
    walk(&(true, -1i8, 300i16, -70_000i32, i64::MIN, i128::MAX));
    walk(&(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX, usize::MAX));
    walk(&(1.5f32, -2.5f64, 'ß', "text".to_owned(), ()));
    walk(&(Some(300u16), None::<u8>, Some(Some(1u8)), [1u16, 2, 300], vec![(1u8, 'x'), (2, 'y')]));
    walk(&BTreeMap::from([("a".to_owned(), vec![1u8, 2]), ("b".to_owned(), vec![])]));
    walk(&(Ok::<u8, String>(1), Err::<u8, String>("no".into())));
    walk(&(std::time::Duration::from_millis(1500), std::time::SystemTime::UNIX_EPOCH));
    walk(&(0u8..3, 1u16..=700, std::ops::Bound::Included(3u8), std::num::NonZeroU64::MAX));
    let v4: std::net::IpAddr = [127, 0, 0, 1].into();
    walk(&(v4, std::net::SocketAddr::from((v4, 8080)), std::net::Ipv6Addr::LOCALHOST));
    walk(&(std::path::PathBuf::from("/tmp"), std::sync::Arc::<str>::from("shared")));
}

#[test]
fn other_crates() {
    let id = uuid::Uuid::from_u128(7);
    walk(&(id, url::Url::parse("http://example.org/a").unwrap(), serde_bytes::ByteBuf::from(vec![1, 2, 3])));
    let now = chrono::DateTime::from_timestamp(1_700_000_000, 5).unwrap();
    walk(&(now, now.date_naive(), now.naive_utc().time(), chrono::Duration::milliseconds(1234)));
    let then = time::OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    walk(&(then, then.date(), then.time(), then.month(), time::Duration::milliseconds(1234)));
}

#[derive(Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Line((u8, u16), u32),
    Group {
        of: Vec<Shape>,
        named: Option<Box<Shape>>,
        id: Id32,
    },
    Text(String),
    #[allow(dead_code)]
    #[serde(skip)]
    Secret,
}

#[derive(Serialize, Deserialize)]
struct Id32(u32);

#[derive(Serialize, Deserialize)]
struct Marker;

#[derive(Serialize, Deserialize)]
#[allow(dead_code)]
struct Aliased {
    #[serde(alias = "old", alias = "older")]
    a: u8,
    #[serde(skip)]
    cache: u64,
    b: (u16, Marker),
    #[serde(rename = "sea")]
    c: String,
}

#[test]
fn derived_types() {
    let inner = vec![Shape::Empty, Shape::Circle(1.0), Shape::Line((1, 300), 70_000)];
    let group = Shape::Group { of: inner, named: Some(Box::new(Shape::Empty)), id: Id32(300) };
    let outer = Shape::Group { of: vec![group], named: None, id: Id32(1) };
    walk(&vec![outer, Shape::Line((1, 2), 3), Shape::Text("text".into())]);
    walk(&Aliased { a: 1, cache: 2, b: (300, Marker), c: "c".into() });
    walk(&(Aliased { a: 1, cache: 2, b: (3, Marker), c: String::new() }, 5u16));
}

/// Postcard cannot read such a value.
fn cannot_travel<T: Serialize + DeserializeOwned>(value: &T) {
    assert!(super::entry::<T>().obstacle().is_some());
    let bytes = postcard::to_allocvec(value);
    let read = bytes.and_then(|bytes| postcard::from_bytes::<T>(&bytes).map(drop));
    assert!(read.is_err(), "{}", std::any::type_name::<T>());
}

#[test]
fn what_is_an_obstacle_cannot_be_read_by_postcard() {
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        A(u8),
    }
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        A { x: u8 },
    }
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind", content = "of")]
    enum Adjacent {
        A(u8),
    }
    #[derive(Serialize, Deserialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: Inner,
    }
    #[derive(Serialize, Deserialize)]
    struct Inner {
        x: u8,
    }
    cannot_travel(&Untagged::A(1));
    cannot_travel(&Tagged::A { x: 1 });
    cannot_travel(&Adjacent::A(1));
    cannot_travel(&Flat { a: 1, rest: Inner { x: 2 } });
}
