//! A table in Markdown that can be read as it is.

use std::fmt;

/// Lines under a head. The first column is to the left, all others to the right.
#[derive(Clone, Debug)]
pub struct Table {
    head: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Table {
    /// One without lines.
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Table { head: head.into_iter().map(Into::into).collect(), lines: Vec::new() }
    }

    /// One line more.
    pub fn push<S: Into<String>>(&mut self, line: impl IntoIterator<Item = S>) {
        self.lines.push(line.into_iter().map(Into::into).collect());
    }

    /// Whether it has no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn width(&self, column: usize) -> usize {
        let cells = std::iter::once(&self.head).chain(&self.lines).filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.head.len()).map(|column| self.width(column).max(3)).collect();
        let mut write = |line: &[String]| {
            for (column, width) in widths.iter().enumerate() {
                let cell = line.get(column).map_or("", String::as_str);
                match column {
                    0 => write!(f, "| {cell:<width$} ")?,
                    _ => write!(f, "| {cell:>width$} ")?,
                }
            }
            writeln!(f, "|")
        };
        write(&self.head)?;
        let rule = |(column, width): (usize, &usize)| match column {
            0 => "-".repeat(*width),
            _ => format!("{}:", "-".repeat(width - 1)),
        };
        write(&widths.iter().enumerate().map(rule).collect::<Vec<_>>())?;
        self.lines.iter().try_for_each(|line| write(line))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["what", "ns"]);
        table.push(["a", "1,000"]);
        table.push(["long one", "µs"]);
        let expected =
            "| what     |    ns |\n| -------- | ----: |\n| a        | 1,000 |\n| long one |    µs |\n";
        assert_eq!(table.to_string(), expected);
    }
}
