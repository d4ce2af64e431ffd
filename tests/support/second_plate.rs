//! A second plate for the study that `init` makes: what the same layout would have read on another plate.

/// The export with up to 5 % of noise in every reading: pipetting and incubation, so that no well is the other plate's.
pub(crate) fn of_the_same_layout(export: &str) -> String {
    let mut state = 1_u64;
    let mut noisy = |reading: f64| {
        // Knuth's MMIX generator; its upper bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        reading * (0.95 + 0.1 * (state >> 33) as f64 / (1_u64 << 31) as f64)
    };
    let mut cells = |line: &str| {
        let cells: Vec<String> = line
            .split(',')
            .map(|cell| match cell.parse::<f64>() {
                Ok(reading) if cell.contains('.') => format!("{:.3}", noisy(reading)),
                _ => cell.to_string(),
            })
            .collect();
        cells.join(",") + "\n"
    };
    export.lines().map(&mut cells).collect()
}
