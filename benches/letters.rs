//! How long it takes to fill the letter to a designated safeguarding lead: template bytes and fields in, a finished
//! Word file out, nothing kept between one letter and the next. `benches/run` sets it beside docxtpl.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use daymark::codec::docx_fill;
use daymark::codec::text::Data;

fn fill(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/dsl-notification");
    let template = std::fs::read(folder.join("letter.docx")).expect("the letter's template");
    let sample = std::fs::read_to_string(folder.join("sample.toml")).expect("the letter's sample");
    let fields: Data = toml::from_str(&sample).expect("a sample in TOML");
    criterion.bench_function("letters/fill", |bencher| {
        bencher.iter(|| docx_fill::fill(black_box(&template), black_box(&fields)).expect("a finished letter"));
    });
}

criterion_group!(letters, fill);
criterion_main!(letters);
