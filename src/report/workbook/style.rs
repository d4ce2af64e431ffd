//! What all sheets look like.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use crate::report::StudyReport;
use crate::report::figure::palette;

/// A4 across, numbered, with the study and the run in its margins.
pub(super) fn print_set_up(sheet: &mut Worksheet, report: &StudyReport<'_>, name: &str) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    let study = &report.protocol.assay.study;
    // In the margins of a sheet an ampersand begins a command.
    let said = |text: &str| text.replace('&', "&&");
    let data = if study.simulated { " (simulated data)" } else { "" };
    sheet.set_paper_size(A4);
    sheet.set_landscape();
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_header(format!("&L&8{}{data}: {name}&R&8run {}", said(&study.id), said(&report.record.run_id)));
    sheet.set_footer(format!("&L&8{} {}&R&8page &P of &N", report.record.program, report.record.version));
    Ok(())
}

pub(super) fn color(ink: palette::Ink) -> Color {
    let rgb = ink.light;
    Color::RGB(u32::from(rgb.0) << 16 | u32::from(rgb.1) << 8 | u32::from(rgb.2))
}

pub(super) fn header() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(color(palette::BLUE))
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Thin)
}
