//! The tables.

use std::fmt;

use crate::market::Results;

/// How the auctions went, and on request what everybody heard.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) results: &'a Results,
    pub(crate) heard: bool,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["item", "seller", "minimum", "closed", "offers", "buyer", "price"]);
        for outcome in &self.results.outcomes {
            let lot = &outcome.lot;
            let (buyer, price) = match &outcome.sold {
                Some((buyer, price)) => (buyer.clone(), price.to_string()),
                None => ("-".into(), "not sold".into()),
            };
            let [minimum, closes, offers] =
                [lot.minimum, lot.closes, outcome.offers.into()].map(|n| n.to_string());
            table.push([lot.item.clone(), lot.seller.clone(), minimum, closes, offers, buyer, price]);
        }
        table.fmt(f)?;
        if self.heard {
            let mut table = Table::new(["who", "item", "heard"]);
            for (who, heard) in &self.results.heard {
                for heard in heard {
                    table.push([who.clone(), heard.item.clone(), heard.news.to_string()]);
                }
            }
            writeln!(f)?;
            table.fmt(f)?;
        }
        Ok(())
    }
}

/// Columns as wide as what stands in them.
struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    fn new(head: [&str; COLUMNS]) -> Self {
        Self { rows: vec![head.map(str::to_owned)] }
    }

    fn push(&mut self, row: [String; COLUMNS]) {
        self.rows.push(row);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &self.rows {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
