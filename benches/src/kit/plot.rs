//! Pictures: lines on two logarithmic axes, and groups of bars on one.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

/// One that cannot be drawn, and why.
pub type Problem = Box<dyn Error + Send + Sync>;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 480;
/// Beside the chart: of lines, and of bars.
const LEGENDS: [u32; 2] = [300, 190];
const LINE: i32 = 22;
const FONT: &str = "sans-serif";

/// Such that those who see few colours can tell them apart (after Okabe and Ito).
const COLOURS: [RGBColor; 10] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(148, 148, 0),
    RGBColor(120, 60, 190),
    RGBColor(140, 140, 140),
];

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// What a picture is called, and what its axes are of.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// Above it.
    pub title: &'a str,
    /// Below it, with the unit.
    pub x: &'a str,
    /// At its left, with the unit.
    pub y: &'a str,
}

/// A line by its name. Points whose coordinates are not positive are left out.
#[derive(Clone, Debug)]
pub struct Line {
    /// In the legend.
    pub name: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
}

/// Bars of one colour, one in each group. `None`: there is none.
#[derive(Clone, Debug)]
pub struct Bars {
    /// In the legend.
    pub name: String,
    /// One for each group.
    pub values: Vec<Option<f64>>,
}

/// Draws lines with logarithmic axes.
///
/// # Errors
/// If there is no point, or the file cannot be written.
pub fn lines(path: &Path, labels: Labels<'_>, lines: &[Line]) -> Result<(), Problem> {
    let points = || lines.iter().flat_map(|line| &line.points).filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let x = decades(points().map(|point| point.0)).ok_or("no points")?;
    let y = decades(points().map(|point| point.1)).ok_or("no points")?;
    draw(path, labels, LEGENDS[0], lines.iter().map(|line| line.name.as_str()), |area| {
        let mut builder = ChartBuilder::on(area);
        builder.margin(12).x_label_area_size(46).y_label_area_size(72);
        let mut chart = builder.build_cartesian_2d(x.log_scale(), y.log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(BLACK.mix(0.12))
            .x_desc(labels.x)
            .y_desc(labels.y)
            .axis_desc_style((FONT, 15))
            .label_style((FONT, 13))
            .x_label_formatter(&|value| number(*value))
            .y_label_formatter(&|value| number(*value))
            .draw()?;
        for (index, line) in lines.iter().enumerate() {
            let points: Vec<_> = line.points.iter().copied().filter(|(x, y)| *x > 0.0 && *y > 0.0).collect();
            let style = colour(index);
            chart.draw_series(LineSeries::new(points.iter().copied(), style.stroke_width(2)))?;
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, style.filled())))?;
        }
        Ok(())
    })
}

/// Draws groups of bars from 1 up or down, on a logarithmic axis.
///
/// # Errors
/// If there is no bar, or the file cannot be written.
pub fn bars(path: &Path, labels: Labels<'_>, groups: &[&str], bars: &[Bars]) -> Result<(), Problem> {
    let values = || bars.iter().flat_map(|bars| bars.values.iter().flatten().copied());
    let y = decades(values().chain([1.0])).ok_or("no bars")?;
    // In hundredths of a group.
    let x = 0i32..i32::try_from(groups.len() * 100)?;
    let width = 80 / i32::try_from(bars.len().max(1))?;
    draw(path, labels, LEGENDS[1], bars.iter().map(|bars| bars.name.as_str()), |area| {
        let mut builder = ChartBuilder::on(area);
        builder.margin(12).x_label_area_size(46).y_label_area_size(72);
        let mut chart = builder.build_cartesian_2d(x.clone(), y.log_scale())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .disable_x_axis()
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(BLACK.mix(0.12))
            .y_desc(labels.y)
            .axis_desc_style((FONT, 15))
            .label_style((FONT, 13))
            .y_label_formatter(&|value| number(*value))
            .draw()?;
        for (index, bars) in bars.iter().enumerate() {
            let left = 10 + width * i32::try_from(index)?;
            let found = bars.values.iter().enumerate().filter_map(|(group, value)| Some((group, (*value)?)));
            let bars = found.map(|(group, value)| {
                let left = left + 100 * i32::try_from(group).unwrap_or(i32::MAX);
                Rectangle::new([(left, 1.0), (left + width, value)], colour(index).filled())
            });
            chart.draw_series(bars)?;
        }
        chart.draw_series([PathElement::new(vec![(x.start, 1.0), (x.end, 1.0)], BLACK.stroke_width(1))])?;
        let plane = chart.plotting_area();
        let (width, height) = plane.dim_in_pixel();
        let (left, top) = plane.get_base_pixel();
        let each = width / u32::try_from(groups.len().max(1))?;
        for (group, name) in (0u32..).zip(groups) {
            let at = (left + i32::try_from(each * group + each / 2)?, top + i32::try_from(height)? + 8);
            let centred = plotters::style::text_anchor::Pos::new(
                plotters::style::text_anchor::HPos::Center,
                plotters::style::text_anchor::VPos::Top,
            );
            area.draw(&Text::new(
                (*name).to_owned(),
                at,
                (FONT, 12).into_font().into_text_style(area).pos(centred),
            ))?;
        }
        Ok(())
    })
}

fn draw<'a>(
    path: &Path,
    labels: Labels<'_>,
    legend: u32,
    names: impl Iterator<Item = &'a str>,
    chart: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Problem> {
    let mut picture = String::new();
    let drawn = (|| -> Result<(), Box<dyn Error>> {
        let root = SVGBackend::with_string(&mut picture, (WIDTH, HEIGHT)).into_drawing_area();
        root.fill(&WHITE)?;
        let root = root.titled(labels.title, (FONT, 19))?;
        let (left, legend) = root.split_horizontally(WIDTH - legend);
        chart(&left)?;
        for ((row, name), index) in (0..).zip(names).zip(0..) {
            let y = 30 + LINE * row;
            legend.draw(&Rectangle::new([(4, y), (24, y + 10)], colour(index).filled()))?;
            legend.draw(&Text::new(name.to_owned(), (32, y - 2), (FONT, 14).into_font()))?;
        }
        root.present()?;
        Ok(())
    })();
    drawn.map_err(|error| Problem::from(error.to_string()))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, picture)?)
}

/// Whole powers of ten around all of them.
fn decades(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    let (low, high) =
        values.fold((f64::INFINITY, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let floor = low.log10().floor();
    (low.is_finite() && low > 0.0)
        .then(|| 10f64.powf(floor)..10f64.powf(high.log10().ceil().max(floor + 1.0)))
}

/// Short: 3k, 0.5, 2M.
fn number(value: f64) -> String {
    match value {
        _ if value >= 1e6 => format!("{}M", value / 1e6),
        _ if value >= 1e3 => format!("{}k", value / 1e3),
        _ => format!("{}", (value * 1e6).round() / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_go_by_powers_of_ten() {
        assert_eq!(decades([3.0, 400.0].into_iter()), Some(1.0..1000.0));
        assert_eq!(decades([10.0].into_iter()), Some(10.0..100.0));
        assert_eq!(decades(std::iter::empty()), None);
        assert_eq!([0.1, 5.0, 2000.0, 3e6].map(number), ["0.1", "5", "2k", "3M"]);
    }
}
