//! The file, read line by line and checked against the lines before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use crate::Time;
use crate::line::{FIELDS, Kind, Line, Lot, Record, Wrong, name, unusable};
use crate::place;
use crate::problem::{LineError, Place, Problem};

/// Reads a file, line by line: a good one is a record, a bad one an error, and the lines after it can still be read.
pub(crate) struct Records<'a> {
    file: &'a str,
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    header: StringRecord,
    /// The auctions so far, for what comes later and is about them.
    lots: HashMap<String, Lot>,
    /// In which line each was said.
    seen: HashMap<(Kind, Option<Time>, String, String), u64>,
}

impl<'a> Records<'a> {
    /// Begins with the header, without which no line has a meaning.
    pub(crate) fn new(file: &'a str, text: &'a [u8]) -> Result<Self, LineError> {
        let mut reader =
            ReaderBuilder::new().flexible(true).trim(Trim::All).comment(Some(b'#')).from_reader(text);
        let header = StringRecord::from(FIELDS.to_vec());
        if reader.byte_headers().is_ok_and(|found| found == header.as_byte_record()) {
            return Ok(Self { file, text, reader, header, lots: HashMap::new(), seen: HashMap::new() });
        }
        let (line, column) = place::of_field(text, 0, 1, 0);
        Err(LineError { place: Place { file: file.into(), line, column }, problem: Problem::Header })
    }

    /// From what stands there to what it means.
    fn read(&mut self, record: &ByteRecord, line: u64) -> Result<Record, Wrong> {
        let text = StringRecord::from_byte_record(record.clone()).map_err(|error| {
            let index = error.utf8_error().field();
            Wrong { index, problem: Problem::NotText { field: name(index) } }
        })?;
        if record.len() > FIELDS.len() {
            return Err(Wrong { index: FIELDS.len(), problem: Problem::TooMany });
        }
        let content: Line = text.deserialize(Some(&self.header)).map_err(|error| malformed(&text, &error))?;
        let read = content.check()?;
        self.fits(&read)?;
        self.is_new(&read, line)?;
        if let Record::Auction(lot) = &read {
            self.lots.insert(lot.item.clone(), lot.clone());
        }
        Ok(read)
    }

    /// Whether there is somebody to answer it.
    fn fits(&self, record: &Record) -> Result<(), Wrong> {
        let (Record::Bid { at, item, .. } | Record::Inquire { at, item, .. }) = record else {
            return Ok(());
        };
        let Some(lot) = self.lots.get(item) else {
            return Err(Wrong::at("item", Problem::UnknownItem { item: item.clone() }));
        };
        if *at < lot.opens {
            return Err(Wrong::at("at", Problem::Early { item: item.clone(), opens: lot.opens }));
        }
        if *at > lot.end {
            let (closes, end) = (lot.closes, lot.end);
            return Err(Wrong::at("at", Problem::Late { item: item.clone(), closes, end }));
        }
        Ok(())
    }

    /// An item is sold once, and a client says a thing once at a time.
    fn is_new(&mut self, record: &Record, line: u64) -> Result<(), Wrong> {
        let (field, key) = match record {
            Record::Auction(lot) => ("item", (Kind::Auction, None, lot.item.clone(), String::new())),
            Record::Bid { at, item, client, .. } => {
                ("who", (Kind::Bid, Some(*at), item.clone(), client.clone()))
            }
            Record::Inquire { at, item, client } => {
                ("who", (Kind::Inquire, Some(*at), item.clone(), client.clone()))
            }
        };
        match self.seen.entry(key) {
            Entry::Occupied(first) => Err(Wrong::at(field, Problem::Duplicate { first: *first.get() })),
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(())
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = ByteRecord::new();
        // What is read lies in memory, and any number of fields is taken: this cannot fail.
        if !self.reader.read_byte_record(&mut record).is_ok_and(|more| more) {
            return None;
        }
        let start = record.position().map_or(0, |start| usize::try_from(start.byte()).unwrap_or(usize::MAX));
        let start_line = record.position().map_or(1, csv::Position::line);
        let (line, _) = place::of_field(self.text, start, start_line, 0);
        Some(self.read(&record, line).map_err(|Wrong { index, problem }| {
            let (line, column) = place::of_field(self.text, start, start_line, index);
            LineError { place: Place { file: self.file.into(), line, column }, problem }
        }))
    }
}

/// What serde found, in the words of this format.
fn malformed(record: &StringRecord, error: &csv::Error) -> Wrong {
    let field = match error.kind() {
        ErrorKind::Deserialize { err, .. } => err.field(),
        _ => None,
    };
    // Without a field it is one that the line is too short for.
    let index = field.and_then(|field| usize::try_from(field).ok()).unwrap_or(record.len());
    unusable(index, record.get(index).unwrap_or_default())
}
