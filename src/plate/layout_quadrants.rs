//! A plate of 384 wells as four interleaved plates of 96: four maps on one sheet, each named after its first well on the plate of 384,
//! `A1`, `A2`, `B1` or `B2` (also `Quadrant A2`). Well r, c of the map at offset (i, j) is well 2r + i, 2c + j, counted from 0.
//!
//! `Q1` to `Q4` are refused: which of Q2 and Q3 begins at A2 differs between laboratories.

use super::layout_grid::LayoutGrid;
use super::well::{PlateSize, WellPosition};
use crate::sheet::{Code, Problem, Sheet};

/// A map that is a quarter of a plate: its place, as the offset of its first well.
pub(super) struct Quadrant<'g> {
    pub(super) grid: &'g LayoutGrid,
    row: usize,
    column: usize,
}

impl Quadrant<'_> {
    /// A well of the map, on the whole plate.
    pub(super) fn on_plate(&self, well: WellPosition) -> WellPosition {
        WellPosition::new(2 * usize::from(well.row) + self.row, 2 * usize::from(well.column) + self.column)
    }
}

/// The four quadrants of a plate, where several maps are on a sheet.
///
/// # Errors
/// Maps that are not four of 96 wells, or not named after four different first wells.
pub(super) fn of<'g>(sheet: &Sheet, maps: &[&'g LayoutGrid]) -> Result<Vec<Quadrant<'g>>, Problem> {
    let expected = "one map of a plate, or four of 96 wells with A1, A2, B1 and B2 in their corners: the first well of each on a plate of 384";
    let mut quadrants: Vec<Quadrant<'g>> = Vec::new();
    for grid in maps {
        let title = grid.title(sheet).to_uppercase();
        let place = match title.trim_start_matches("QUADRANT").trim() {
            "A1" | "A01" => (0, 0),
            "A2" | "A02" => (0, 1),
            "B1" | "B01" => (1, 0),
            "B2" | "B02" => (1, 1),
            _ => {
                let found = format!(
                    "'{}' is not the title of a known grid, and {} maps are on the sheet",
                    grid.title(sheet),
                    maps.len()
                );
                return Err(
                    Problem::new(Code::new("layout-quadrant-title"), grid.corner(sheet), found).expected(expected)
                );
            }
        };
        let wrong = |code: Code, found: String| Err(Problem::new(code, grid.corner(sheet), found).expected(expected));
        if grid.size != PlateSize::WELLS_96 {
            return wrong(Code::new("layout-quadrant-size"), format!("the quadrant {title} has {}", grid.size));
        }
        if quadrants.iter().any(|known| (known.row, known.column) == place) {
            return wrong(Code::new("layout-quadrant-twice"), format!("the quadrant {title} appears twice"));
        }
        quadrants.push(Quadrant { grid, row: place.0, column: place.1 });
    }
    Ok(quadrants)
}
