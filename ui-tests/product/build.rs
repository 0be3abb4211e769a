//! Writes the actors that `tests/product.rs` compiles and calls.

#[allow(
    dead_code,
    clippy::needless_range_loop,
    reason = "a part of it is for the macro crate's test; dimensions are numbers"
)]
mod generator;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=generator");
    println!("cargo::rerun-if-changed=build.rs");
    let combinations: Vec<_> = generator::covering().into_iter().map(generator::Combination::at).collect();
    let folder = std::env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?;
    std::fs::write(std::path::Path::new(&folder).join("product.rs"), generator::program(&combinations))
}
