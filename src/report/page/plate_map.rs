//! The map of a plate as a table: each well with its role, name and reading; read cell by cell by a screen reader, and as sharp on a
//! small screen as on a large one. What else is known of a well is its title, and stands below the map once the well is pointed at,
//! touched, or walked to with the arrow keys. The same map as a picture is in `figures/`.

use maud::{Markup, html};

use super::review::Links;
use crate::plate::WellPosition;
use crate::plate::well::row_letters;
use crate::report::figure::{MapFlag, MapRole, MapWell, PlateMapFigure};

/// The map; under review each well is a link.
pub(super) fn table(map: &PlateMapFigure, links: Option<Links<'_>>) -> Markup {
    html! {
        h3 { "Plate map" }
        ul.legend aria-label="What the wells are" {
            @for role in MapRole::ALL {
                @let count = map.wells.iter().filter(|well| well.role == role).count();
                @if count > 0 { li { span.well.(role.letter()) {} " " (role.name()) " (n = " (count) ")" } }
            }
            @for flag in MapFlag::ALL {
                @let count = map.wells.iter().filter(|well| well.flag == Some(flag)).count();
                @if count > 0 { li { b { (flag.letter()) } " " (flag.name()) " (n = " (count) ")" } }
            }
        }
        div.plate-map.dense[map.size.columns > 12].densest[map.size.columns > 24] { div.scroll { table class={ "map columns-" (map.size.columns) } role="grid" aria-label=(map.title) {
            caption { (map.subtitle) }
            thead { tr { th scope="col" { span.unseen { "Row" } } @for column in 1..=map.size.columns { th scope="col" { (column) } } } }
            tbody { @for row in 0..map.size.rows { tr {
                th scope="row" { (row_letters(row)) }
                @for column in 0..map.size.columns { (cell(well_at(map, row, column), (row, column) == (0, 0), links)) }
            } } }
        } }
        p.told hidden { "Point at a well, touch it, or walk with the arrow keys: what is known of it stands here." } }
    }
}

fn well_at(map: &PlateMapFigure, row: usize, column: usize) -> Option<&MapWell> {
    let here = |position: WellPosition| (usize::from(position.row), usize::from(position.column)) == (row, column);
    map.wells.iter().find(|well| here(well.position))
}

/// A well; the pointer resting on it shows everything that is known of it. The keyboard enters the map at the `first`.
fn cell(well: Option<&MapWell>, first: bool, links: Option<Links<'_>>) -> Markup {
    let stop = first.then_some("0");
    html! {
        @match well {
            Some(well) => td class=(well.role.letter()) title=(well.note) tabindex=[stop] {
                @match links {
                    Some(links) => a href=(links.well(&well.position.to_string())) tabindex="-1" { (written(well)) },
                    None => (written(well)),
                }
            },
            None => td tabindex=[stop] {},
        }
    }
}

fn written(well: &MapWell) -> Markup {
    html! { (well.name) br; (well.value) @if let Some(flag) = well.flag { b { (flag.letter()) } } }
}
