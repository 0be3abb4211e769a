//! With which power of `n` something grows.

/// The exponent of the power law that comes nearest to the points: the slope of their line of least squares on two logarithmic axes. Of the
/// upper two decades of `n` only, as what is small is mostly what is always there. `None`: there are not two different `n`.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let most = points.iter().map(|(n, _)| *n).fold(0.0, f64::max);
    let far = points.iter().filter(|(n, y)| *n >= most / 100.0 && *n > 0.0 && *y > 0.0);
    let far: Vec<(f64, f64)> = far.map(|(n, y)| (n.ln(), y.ln())).collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let count = far.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| far.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = far.iter().map(|point| (point.0 - x).powi(2)).sum();
    let both: f64 = far.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    (spread > 0.0).then(|| both / spread)
}

#[cfg(test)]
mod tests {
    use super::exponent;

    #[test]
    fn powers_are_found() {
        let of = |y: fn(f64) -> f64| {
            let points: Vec<_> = (0..7).map(|n| 10f64.powi(n)).map(|n| (n, y(n))).collect();
            (exponent(&points).unwrap_or(f64::NAN) * 100.0).round() / 100.0
        };
        let found = [of(|_| 5.0), of(|n| n), of(|n| 3.0 * n * n), of(|n| n.ln())];
        assert_eq!(found, [0.0, 1.0, 2.0, 0.09]);
        assert_eq!(exponent(&[(1.0, 1.0)]), None);
    }
}
