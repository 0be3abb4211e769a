//! Where a field begins: the CSV reader knows where a record begins, and no more.

/// The line and column, from 1, of the `field`th field of the record at or behind `start`, in characters; the end of the
/// record if it has fewer.
///
/// Over bytes, since a line that is no text has a place too.
pub(crate) fn of_field(text: &[u8], start: usize, start_line: u64, field: usize) -> (u64, u64) {
    let rest = text.get(start..).unwrap_or_default();
    let (blank, record) = rest.split_at(before_record(rest));
    let mut line = start_line + blank.iter().filter(|byte| **byte == b'\n').count() as u64;
    let (mut column, mut left, mut within) = (1, field, Within::Start);
    for byte in record {
        within = match (byte, within) {
            (b' ' | b'\t', _) if left == 0 => Within::Start,
            _ if left == 0 => break,
            (b'"', Within::Start | Within::Closed) => Within::Quotes,
            (b'"', Within::Quotes) => Within::Closed,
            (_, Within::Quotes) => Within::Quotes,
            (b'\r' | b'\n', _) => break,
            (b',', _) => {
                left -= 1;
                Within::Start
            }
            _ => Within::Plain,
        };
        if *byte == b'\n' {
            (line, column) = (line + 1, 1);
        } else if !continues(*byte) {
            column += 1;
        }
    }
    (line, column)
}

/// Where in a field: a quote means something only at its start, and right behind the one that closed it.
#[derive(Clone, Copy)]
enum Within {
    Start,
    Plain,
    Quotes,
    Closed,
}

/// Blank lines and comments, which a reader skips only after it has taken down where the record begins.
fn before_record(text: &[u8]) -> usize {
    let skipped = |line: &&[u8]| matches!(line, [b'\r' | b'\n', ..] | [b'#', ..]);
    text.split_inclusive(|byte| *byte == b'\n').take_while(skipped).map(<[u8]>::len).sum()
}

/// Whether a byte is not the first of its character.
fn continues(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::of_field;

    #[test]
    fn fields_of_a_plain_line() {
        let text = "ab,c,,d\nnext";
        let columns: Vec<_> = (0..5).map(|field| of_field(text.as_bytes(), 0, 1, field)).collect();
        assert_eq!(columns, [(1, 1), (1, 4), (1, 6), (1, 7), (1, 8)]);
    }

    #[test]
    fn spaces_before_a_field_are_not_its() {
        assert_eq!(of_field(b"a,  b", 0, 7, 1), (7, 5));
    }

    #[test]
    fn quoted_commas_and_line_ends_are_text() {
        let text = "\"a,\"\"b\nc\",d";
        assert_eq!(of_field(text.as_bytes(), 0, 1, 0), (1, 1));
        assert_eq!(of_field(text.as_bytes(), 0, 1, 1), (2, 4));
    }

    #[test]
    fn quotes_inside_a_field_are_text() {
        assert_eq!(of_field(b"a\",\"b\"\"\",c", 0, 1, 1), (1, 4));
        assert_eq!(of_field(b" \"a,b\",c", 0, 1, 1), (1, 5));
        assert_eq!(of_field(b"a\",\"b\"\"\",c", 0, 1, 2), (1, 10));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(of_field("äöü,x".as_bytes(), 0, 1, 1), (1, 5));
    }

    #[test]
    fn blank_lines_and_comments_come_before_a_record() {
        assert_eq!(of_field(b"\n# a, b\r\n\r\nc,d", 0, 3, 1), (6, 3));
    }
}
